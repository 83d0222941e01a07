// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

let package = Package(
    name: "faxlock",
    products: [
        .executable(name: "faxlock", targets: ["FaxlockCLI"]),
        .executable(name: "faxlock-line", targets: ["LineWorker"]),
        .executable(name: "faxlock-page", targets: ["PageWorker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: ["FullFoundation"]),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // The pure core: no I/O, no clock, no randomness of its own.
        .target(name: "FaxModel", swiftSettings: settings),
        .target(
            name: "SIP",
            dependencies: [
                nio, nioPosix, logging, crypto, .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOTLS", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: settings),
        // UDPTL and the T.38 attributes of SDP: wire formats only, no C.
        .target(name: "Telefax", dependencies: ["FaxModel", "WorkerProtocol"], swiftSettings: settings),
        // Encrypted RTP (RFC 3711): a pure transformation of packets.
        .target(
            name: "SRTP", dependencies: [crypto, .product(name: "CryptoExtras", package: "swift-crypto")], swiftSettings: settings),
        // What the gateway and its worker processes say to each other.
        .target(name: "WorkerProtocol", dependencies: ["FaxModel"], swiftSettings: settings),
        // T.30 on libspandsp. Only the line worker links it: hostile frames crash it.
        .target(name: "T30", dependencies: ["CSpanDSP", "FaxModel", "Imaging"], swiftSettings: settings),
        .target(name: "ServerSettings", dependencies: ["FaxModel", "Numbering"], swiftSettings: settings),
        // Numbers as people write them, and E.164, on libphonenumber's metadata. Pure.
        .target(
            name: "Numbering", exclude: ["Metadata/LICENSE", "Metadata/NOTICE"],
            resources: [.embedInCode("Metadata/numbers.txt")], swiftSettings: settings),
        // Metrics in the Prometheus text format, and logs as JSON. Labels come from closed sets only.
        .target(name: "Observability", dependencies: ["FaxModel", logging], swiftSettings: settings),
        .target(name: "Imaging", dependencies: ["FaxModel"], swiftSettings: settings),
        // The audit log: events, Merkle tree, checkpoints, the offline verifier. No I/O but the export folder.
        .target(name: "Ledger", dependencies: ["FaxModel", crypto], swiftSettings: settings),
        // What `faxlock doctor` makes of what it saw, and what the production profile insists on at a start. No network.
        .target(name: "Doctor", dependencies: ["FaxModel", "ServerSettings"], swiftSettings: settings),
        // Where the ledger's events and checkpoints leave the machine: files, syslog over TLS, Elasticsearch.
        .target(
            name: "AuditSinks",
            dependencies: [
                "FaxModel", crypto, nio, nioPosix, logging, .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ], swiftSettings: settings),
        // Where the key-encryption key comes from: a file, a credential, HashiCorp Vault Transit, AWS KMS.
        .target(
            name: "KeyCustody",
            dependencies: [
                "FaxModel", "Vault", crypto, nio, nioPosix, .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ], swiftSettings: settings),
        // Who may do what: addresses, limits, roles, bearer tokens. Its only I/O is the download of an issuer's keys.
        .target(
            name: "Access",
            dependencies: [
                "FaxModel", crypto, nio, .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: settings),
        .target(name: "Vault", dependencies: [crypto, nio, nioPosix], swiftSettings: settings),
        // The gateway's end of a worker process.
        .target(
            name: "Workers",
            dependencies: [
                "CProcess", "FaxModel", "WorkerProtocol", nio, nioPosix,
                .product(name: "Subprocess", package: "swift-subprocess"),
            ], swiftSettings: settings),
        .target(
            name: "Store",
            dependencies: ["FaxModel", "Ledger", "Vault", logging, crypto, .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings),
        // Webhooks to clients: payloads, Standard Webhooks signatures, which addresses may be called, delivery.
        .target(
            name: "Webhooks",
            dependencies: [
                "Access", "FaxModel", "Store", crypto, nio, nioPosix, logging, .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ], swiftSettings: settings),
        // Backups of a running server, restores and drills.
        .target(
            name: "Backup",
            dependencies: [
                "FaxModel", "Ledger", "Store", "Vault", crypto, logging, nioPosix, .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: settings),
        .target(
            name: "Backends",
            dependencies: [
                "Access", "FaxModel", "Imaging", "SIP", "Telefax", "Vault", "Workers", "WorkerProtocol", nio, nioPosix, logging, crypto,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: settings),
        .target(
            name: "FaxDispatch",
            dependencies: [
                "FaxModel", "Imaging", "Ledger", "Numbering", "Observability", "Vault", "Store", "Backends", "Workers", "WorkerProtocol",
                logging,
            ],
            swiftSettings: settings),
        .target(
            name: "Gateway",
            dependencies: [
                "Access", "Backends", "Backup", "Doctor", "FaxModel", "Imaging", "Ledger", "Numbering", "Observability", "Vault", "Store",
                "FaxDispatch", "ServerSettings", "Webhooks", "Workers", "WorkerProtocol",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                crypto, nio, logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            resources: [.embedInCode("openapi.yaml")],
            swiftSettings: settings),
        .executableTarget(
            name: "FaxlockCLI",
            dependencies: [
                "Access", "AuditSinks", "Backup", "Doctor", "Gateway", "FaxDispatch", "KeyCustody", "Ledger", "Store", "Vault", "Backends",
                "Numbering", "Observability", "SIP", "Webhooks", "Workers", "WorkerProtocol", "Imaging",
                "FaxModel", "ServerSettings", "CClock", "CProcess",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOCertificateReloading", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOTLS", package: "swift-nio"), nio, nioPosix, logging,
            ], swiftSettings: settings),
        // Walls around worker processes: Landlock and seccomp.
        .target(name: "Sandbox", dependencies: ["CProcess"], swiftSettings: settings),
        // Workers: small executables without NIO, one process a call or a document.
        .executableTarget(
            name: "LineWorker", dependencies: ["CProcess", "Sandbox", "SRTP", "T30", "Telefax", "WorkerProtocol", "Imaging"],
            swiftSettings: settings),
        .executableTarget(
            name: "PageWorker", dependencies: ["CProcess", "FaxModel", "Imaging", "Sandbox", "WorkerProtocol", "CPango"],
            swiftSettings: settings),
        // System libraries.
        .systemLibrary(
            name: "CSpanDSP", path: "Sources/System/CSpanDSP", pkgConfig: "spandsp",
            providers: [.apt(["libspandsp-dev", "libtiff-dev"])]),
        .systemLibrary(name: "CClock", path: "Sources/System/CClock"),
        .systemLibrary(name: "CProcess", path: "Sources/System/CProcess"),
        .systemLibrary(
            name: "CPango", path: "Sources/System/CPango", pkgConfig: "pangocairo",
            providers: [.apt(["libpango1.0-dev", "libtiff-dev"])]),
        // Tries from inside what a sandbox prevents.
        .executableTarget(
            name: "sandbox-probe", dependencies: ["CProcess", "Sandbox"], path: "Tests/SandboxProbe", swiftSettings: settings),
        .testTarget(
            name: "SandboxTests", dependencies: ["sandbox-probe", .product(name: "Subprocess", package: "swift-subprocess")],
            swiftSettings: settings),
        .testTarget(name: "FaxModelTests", dependencies: ["FaxModel"], swiftSettings: settings),
        .testTarget(
            name: "SIPTests", dependencies: ["SIP", nio, nioPosix, logging, .product(name: "NIOSSL", package: "swift-nio-ssl")],
            swiftSettings: settings),
        .testTarget(name: "TelefaxTests", dependencies: ["Telefax", "WorkerProtocol"], swiftSettings: settings),
        .testTarget(name: "SRTPTests", dependencies: ["SRTP", crypto], swiftSettings: settings),
        .testTarget(name: "T30Tests", dependencies: ["T30", "Telefax", "Imaging", "FaxModel"], swiftSettings: settings),
        // Load and hostile frames against the real worker.
        .executableTarget(
            name: "line-bench", dependencies: ["CProcess", "FaxModel", "Imaging", "T30", "Telefax", "WorkerProtocol"],
            path: "Benchmarks/line", swiftSettings: settings),
        // The dispatcher's queue, long and short.
        .executableTarget(
            name: "queue-bench",
            dependencies: [
                "Backends", "FaxDispatch", "FaxModel", "Imaging", "Ledger", "Store", "Vault", "Workers", logging, nioPosix,
                .product(name: "GRDB", package: "GRDB.swift"),
            ], path: "Benchmarks/queue", swiftSettings: settings),
        .testTarget(
            name: "LineBenchTests",
            dependencies: ["line-bench", "LineWorker", .product(name: "Subprocess", package: "swift-subprocess")],
            swiftSettings: settings),
        .testTarget(
            name: "LineWorkerTests",
            dependencies: ["LineWorker", "Workers", "WorkerProtocol", "FaxModel", "Imaging", "SRTP", "T30", "Telefax", nioPosix],
            swiftSettings: settings),
        .testTarget(name: "WorkerProtocolTests", dependencies: ["WorkerProtocol", "FaxModel"], swiftSettings: settings),
        .testTarget(name: "NumberingTests", dependencies: ["Numbering"], exclude: ["numbering_cases.py"], swiftSettings: settings),
        .testTarget(name: "ObservabilityTests", dependencies: ["Observability", "FaxModel", logging], swiftSettings: settings),
        .testTarget(name: "ServerSettingsTests", dependencies: ["ServerSettings"], swiftSettings: settings),
        // README.md, docs and the rest say what the code says.
        .testTarget(name: "DocumentationTests", dependencies: ["FaxModel", "ServerSettings"], swiftSettings: settings),
        .testTarget(name: "WorkersTests", dependencies: ["Workers", "WorkerProtocol", nio, nioPosix], swiftSettings: settings),
        .testTarget(name: "ImagingTests", dependencies: ["Imaging", "FaxModel"], swiftSettings: settings),
        .testTarget(
            name: "AccessTests",
            dependencies: [
                "Access", "FaxModel", crypto, nio, nioPosix, .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(name: "DoctorTests", dependencies: ["Doctor", "FaxModel", "ServerSettings"], swiftSettings: settings),
        .testTarget(
            name: "VaultTests", dependencies: ["Vault", nio], exclude: ["open_blob.py"], swiftSettings: settings),
        .testTarget(
            name: "LedgerTests", dependencies: ["Ledger", "FaxModel", crypto], exclude: ["verify_ledger.py"], swiftSettings: settings),
        // The configurations in deploy/ are what their own programs accept.
        .testTarget(
            name: "DeployTests", dependencies: ["ServerSettings", .product(name: "Subprocess", package: "swift-subprocess")],
            swiftSettings: settings),
        .testTarget(
            name: "AuditSinksTests",
            dependencies: [
                "AuditSinks", "FaxModel", nio, nioPosix, logging, .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(
            name: "KeyCustodyTests",
            dependencies: [
                "KeyCustody", "Vault", "FaxModel", crypto, nio, nioPosix, .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], exclude: ["kms_server.py"], swiftSettings: settings),
        .testTarget(
            name: "StoreTests", dependencies: ["Store", "Ledger", "Vault", "FaxModel", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings),
        .testTarget(
            name: "WebhooksTests",
            dependencies: [
                "Webhooks", "Access", "FaxModel", "Ledger", "Store", "Vault", crypto, nio, nioPosix, logging,
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ], exclude: ["verify_webhook.py"], swiftSettings: settings),
        // A week of faxes on a virtual clock, through the real store and the real retry policy.
        .executableTarget(
            name: "faxlock-simulation", dependencies: ["Backends", "FaxDispatch", "FaxModel", "Ledger", "Store", "Vault"],
            path: "Benchmarks/simulation", swiftSettings: settings),
        .testTarget(name: "SimulationTests", dependencies: ["faxlock-simulation", "FaxModel"], swiftSettings: settings),
        .testTarget(
            name: "BackupTests",
            dependencies: [
                "Backup", "Store", "Ledger", "Vault", "FaxModel", crypto, logging, .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: settings),
        .testTarget(
            name: "FaxDispatchTests",
            dependencies: [
                "FaxDispatch", "Backends", "Ledger", "Numbering", "Observability", "Store", "Vault", "Imaging", "FaxModel", "Workers",
                "WorkerProtocol", "PageWorker",
                nioPosix,
                logging,
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: settings),
        .testTarget(
            name: "BackendsTests",
            dependencies: [
                "Access", "Backends", "SIP", "Telefax", "Workers", "WorkerProtocol", "Imaging", "FaxModel", "LineWorker", nio, nioPosix,
                logging,
            ], swiftSettings: settings),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Access", "Doctor", "FaxDispatch", "FaxModel", "Gateway", "Imaging", "Ledger", "Numbering", "Observability",
                "ServerSettings", "Store", "Vault", "Webhooks", "WorkerProtocol",
                crypto, logging, nio, nioPosix,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "FaxlockCLI", "LineWorker", "PageWorker",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"), nio,
            ], exclude: ["Fixtures", "faxbot_client.py"], swiftSettings: settings),
        // Faxes to and from Asterisk, by `make test-peers`. Support is that of EndToEndTests.
        .testTarget(
            name: "PeerTests",
            dependencies: [
                "FaxlockCLI", "LineWorker", "PageWorker",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"), nio,
            ], exclude: ["fax_pages.py"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
