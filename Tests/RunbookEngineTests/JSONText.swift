import Audit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// JSON as the audit log's reader takes it.
enum JSONText {
    static func value(of text: String) throws -> AuditValue {
        try JSONDecoder().decode(AuditValue.self, from: Data(text.utf8))
    }
}
