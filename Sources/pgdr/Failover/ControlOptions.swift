import ArgumentParser
import Essentials
import Failover

/// What `pause` and `unpause` have in common.
enum ControlOptions {
    /// Refuses a reason that says nothing.
    static func require(reason: String) throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why.") }
    }

    /// Runs a command's body and prints what became of the change, with the exit status of actions.
    static func reporting(_ format: DocumentFormat, _ body: () async throws -> ControlResult) async throws {
        do {
            let result = try await body()
            switch result.change {
            case .failed(let failure):
                throw CommandFailure(failure: failure, status: ExitStatus.undone, format: format.ofFailure)
            case .uncertain(var failure):
                failure.hint = "Whether it was done can't be told: do it again."
                throw CommandFailure(failure: failure, status: ExitStatus.partWay, format: format.ofFailure)
            case .done, .nothingToDo:
                switch format {
                case .json: Terminal.print(try JSON.text(ControlResultDocument(result)))
                case .table: Terminal.print(result.text)
                }
            }
        } catch let failure as Failure {
            throw CommandFailure(
                failure: failure, status: ExitStatus.beforeAnything(failure), format: format.ofFailure)
        }
    }
}
