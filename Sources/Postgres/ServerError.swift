internal import CLibpq
public import Essentials

/// An error with which the server answered a statement: its fields, untouched.
public struct ServerError: Error, Sendable, Equatable {
    /// Five characters of PostgreSQL's appendix "Error Codes"; decisions look only at this, never at a text.
    public var sqlstate: String
    /// ERROR, FATAL or PANIC, never translated.
    public var severity: String
    /// The primary message, in the server's language.
    public var message: String
    /// DETAIL, nil when the server gave none.
    public var detail: String?
    /// HINT, nil when the server gave none.
    public var hint: String?

    /// Copies the fields of a failed result; nil when it holds no error of the server's (the connection broke).
    init?(result: OpaquePointer) {
        // The field codes are character macros, which Swift doesn't import; see postgres_ext.h.
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        guard let sqlstate = field("C") else { return nil }
        self.sqlstate = sqlstate
        severity = field("V") ?? field("S") ?? "ERROR"
        message = field("M") ?? ""
        detail = field("D")
        hint = field("H")
    }

    /// The error as what stopped the caller.
    public func failure(node: String? = nil) -> Failure {
        Failure(.server, message, detail: detail ?? "SQLSTATE \(sqlstate)", hint: hint, node: node)
    }
}

/// How asking a server can go wrong.
public enum PostgresError: Error, Sendable, Equatable {
    /// No answer; the connection is gone.
    case silence(Silence)
    /// The server refused the statement; the connection lives on unless the severity is FATAL.
    case server(ServerError)
    /// The answer or the connection string was not of the form that was asked for.
    case failure(Failure)

    /// The error as what stopped the caller.
    public func failure(node: String? = nil) -> Failure {
        switch self {
        case .silence(let silence):
            let code: FailureCode =
                switch silence.reason {
                case .connectTimeout, .queryTimeout: .timeout
                case .cancelled: .cancelled
                default: .connection
                }
            return Failure(code, "no answer from the server", detail: silence.detail, node: node)
        case .server(let error): return error.failure(node: node)
        case .failure(var failure):
            failure.node = failure.node ?? node
            return failure
        }
    }
}
