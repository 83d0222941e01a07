import Testing

/// What an operator gets: the real executables, over HTTP and at the prompt.
///
/// One suite after the other: each of them has whole calls, and a machine has few cores.
@Suite(.serialized) enum EndToEnd {}
