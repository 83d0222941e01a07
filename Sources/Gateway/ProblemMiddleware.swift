import FaxModel
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import Store

/// Turns every error into a ``Problem``: what a handler did not foresee is a 500 that says nothing, and a log line that names the error.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    @concurrent
    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return try problem.response(from: request, context: context)
        } catch let error as HTTPError {
            let detail = error.body ?? error.status.reasonPhrase
            return try Problem(error.status, detail).response(from: request, context: context)
        } catch is NIOTooManyBytesError {
            return try Problem(.contentTooLarge, "The request body is too large.", closesConnection: true)
                .response(from: request, context: context)
        } catch is HTTPParserError {
            // The client went away in mid-body, or its chunks are no chunks.
            return try Problem(.badRequest, "The request body is broken or was cut off.", closesConnection: true)
                .response(from: request, context: context)
        } catch StoreFailure.revokedInitiator {
            return try APIKeys.unauthorized.response(from: request, context: context)
        } catch StoreFailure.shredded(_, let at) {
            return try Problem(.gone, "The document was destroyed on \(at.description.prefix(10)).")
                .response(from: request, context: context)
        } catch {
            if error.isLedgerUnavailable {
                context.logger.critical("the audit ledger cannot be written", metadata: ["error": "\(error)"])
                return try Problem.ledgerUnavailable.response(from: request, context: context)
            }
            if error.isStorageFull {
                context.logger.error("storage is full")
                return try Problem(
                    .serviceUnavailable, "The server's storage is full. Nothing was accepted; try again later.", retryAfter: 60,
                    closesConnection: true
                ).response(from: request, context: context)
            }
            context.logger.error("request failed", metadata: ["error": "\(error)"])
            return try Problem(.internalServerError, "The server failed to handle the request; its log says why.")
                .response(from: request, context: context)
        }
    }
}
