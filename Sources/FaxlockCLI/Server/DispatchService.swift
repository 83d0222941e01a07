import FaxDispatch
import ServiceLifecycle

/// The dispatcher as a service: told to stop, it lets calls end.
struct DispatchService: Service {
    let dispatcher: Dispatcher

    func run() async throws {
        await withGracefulShutdownHandler {
            await dispatcher.run()
        } onGracefulShutdown: {
            Task { await dispatcher.stop() }
        }
    }
}
