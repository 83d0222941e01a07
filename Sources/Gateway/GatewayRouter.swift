package import FaxDispatch
package import FaxModel
package import Hummingbird
package import ServerSettings
package import Store

/// All routes of the HTTP API.
package struct GatewayRouter: Sendable {
    private let keys: APIKeys
    private let documents: Documents
    private let intake: Intake
    private let settings: Settings
    private let checks: [String: @Sendable () async -> Bool]
    private let publicURL: @Sendable () -> String
    private let clock: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - checks: what `/health/ready` asks beside the database.
    ///   - publicURL: the address in links, without a slash at its end.
    package init(
        keys: APIKeys, documents: Documents, intake: Intake, settings: Settings,
        checks: [String: @Sendable () async -> Bool], publicURL: @escaping @Sendable () -> String,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.keys = keys
        self.documents = documents
        self.intake = intake
        self.settings = settings
        self.checks = checks
        self.publicURL = publicURL
        self.clock = clock
    }

    package func build() -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self)
        router.add(middleware: ProblemMiddleware())
        let authorisation = Authorisation(keys: keys)
        FaxRoutes(
            authorisation: authorisation, store: documents.store, documents: documents, intake: intake, settings: settings,
            publicURL: publicURL, clock: clock
        ).add(to: router)
        InboundRoutes(
            authorisation: authorisation, store: documents.store, documents: documents, isEnabled: settings.isInboundEnabled
        ).add(to: router)
        KeyRoutes(authorisation: authorisation).add(to: router)
        ServiceRoutes(authorisation: authorisation, store: documents.store, settings: settings, checks: checks).add(to: router)
        return router
    }
}
