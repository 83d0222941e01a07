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
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: ["FullFoundation"]),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // The pure core: no I/O, no clock, no randomness of its own.
        .target(name: "FaxModel", swiftSettings: settings),
        .target(name: "SIP", dependencies: [nio, nioPosix, logging], swiftSettings: settings),
        // UDPTL and the T.38 attributes of SDP: wire formats only, no C.
        .target(name: "Telefax", dependencies: ["FaxModel", "WorkerProtocol"], swiftSettings: settings),
        // What the gateway and its worker processes say to each other.
        .target(name: "WorkerProtocol", dependencies: ["FaxModel"], swiftSettings: settings),
        // T.30 on libspandsp. Only the line worker links it: hostile frames crash it.
        .target(name: "T30", dependencies: ["CSpanDSP", "FaxModel", "Imaging"], swiftSettings: settings),
        .target(name: "ServerSettings", dependencies: ["FaxModel"], swiftSettings: settings),
        .target(name: "Imaging", dependencies: ["FaxModel"], swiftSettings: settings),
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
            dependencies: ["FaxModel", "Vault", logging, crypto, .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings),
        .target(
            name: "Backends", dependencies: ["FaxModel", "SIP", "Telefax", "Workers", "WorkerProtocol", nio, logging],
            swiftSettings: settings),
        .target(
            name: "FaxDispatch",
            dependencies: [
                "FaxModel", "Imaging", "Vault", "Store", "Backends", "Workers", "WorkerProtocol", logging,
            ],
            swiftSettings: settings),
        .target(
            name: "Gateway",
            dependencies: [
                "FaxModel", "Imaging", "Vault", "Store", "FaxDispatch", "ServerSettings", "Workers", "WorkerProtocol", crypto, nio, logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            resources: [.embedInCode("openapi.yaml")],
            swiftSettings: settings),
        .executableTarget(
            name: "FaxlockCLI",
            dependencies: [
                "Gateway", "FaxDispatch", "Store", "Vault", "Backends", "SIP", "Workers", "FaxModel", "ServerSettings", "CProcess",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "NIOHTTP1", package: "swift-nio"), nio, nioPosix, logging,
            ], swiftSettings: settings),
        // Workers: small executables without NIO, one process a call or a document.
        .executableTarget(
            name: "LineWorker", dependencies: ["CProcess", "T30", "Telefax", "WorkerProtocol", "Imaging"], swiftSettings: settings),
        .executableTarget(
            name: "PageWorker", dependencies: ["CProcess", "FaxModel", "Imaging", "WorkerProtocol", "CPango"], swiftSettings: settings),
        // System libraries.
        .systemLibrary(
            name: "CSpanDSP", path: "Sources/System/CSpanDSP", pkgConfig: "spandsp",
            providers: [.apt(["libspandsp-dev", "libtiff-dev"])]),
        .systemLibrary(name: "CProcess", path: "Sources/System/CProcess"),
        .systemLibrary(
            name: "CPango", path: "Sources/System/CPango", pkgConfig: "pangocairo",
            providers: [.apt(["libpango1.0-dev", "libtiff-dev"])]),
        .testTarget(name: "FaxModelTests", dependencies: ["FaxModel"], swiftSettings: settings),
        .testTarget(name: "SIPTests", dependencies: ["SIP", nio], swiftSettings: settings),
        .testTarget(name: "TelefaxTests", dependencies: ["Telefax", "WorkerProtocol"], swiftSettings: settings),
        .testTarget(name: "T30Tests", dependencies: ["T30", "Telefax", "Imaging", "FaxModel"], swiftSettings: settings),
        .testTarget(name: "WorkerProtocolTests", dependencies: ["WorkerProtocol", "FaxModel"], swiftSettings: settings),
        .testTarget(name: "ServerSettingsTests", dependencies: ["ServerSettings"], swiftSettings: settings),
        // README.md, docs and the rest say what the code says.
        .testTarget(name: "DocumentationTests", dependencies: ["ServerSettings"], swiftSettings: settings),
        .testTarget(name: "WorkersTests", dependencies: ["Workers", "WorkerProtocol", nio, nioPosix], swiftSettings: settings),
        .testTarget(name: "ImagingTests", dependencies: ["Imaging", "FaxModel"], swiftSettings: settings),
        .testTarget(
            name: "VaultTests", dependencies: ["Vault", nio], exclude: ["open_blob.py"], swiftSettings: settings),
        .testTarget(
            name: "StoreTests", dependencies: ["Store", "Vault", "FaxModel", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings),
        .testTarget(
            name: "FaxDispatchTests",
            dependencies: [
                "FaxDispatch", "Backends", "Store", "Vault", "Imaging", "FaxModel", "Workers", "WorkerProtocol", "PageWorker", nioPosix,
                logging,
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: settings),
        .testTarget(
            name: "BackendsTests",
            dependencies: [
                "Backends", "SIP", "Telefax", "Workers", "WorkerProtocol", "Imaging", "FaxModel", "LineWorker", nioPosix, logging,
            ], swiftSettings: settings),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "FaxDispatch", "FaxModel", "Gateway", "Imaging", "ServerSettings", "Store", "Vault", "WorkerProtocol", logging, nio,
                nioPosix,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
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
    ],
    swiftLanguageModes: [.v6]
)
