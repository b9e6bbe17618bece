/// A value in the details of an event: JSON, made only from types that can hold no secret.
public enum AuditValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([AuditValue])
    case object([String: AuditValue])
}

extension AuditValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByNilLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An object.
    public init(dictionaryLiteral elements: (String, AuditValue)...) {
        self = .object(Dictionary(elements) { $1 })
    }
    /// A list.
    public init(arrayLiteral elements: AuditValue...) { self = .list(elements) }
    /// JSON's null.
    public init(nilLiteral: ()) { self = .null }
}

extension AuditValue {
    /// A text, or null.
    public static func optional(_ text: String?) -> AuditValue { text.map { .text($0) } ?? .null }
    /// A number, or null.
    public static func optional(_ number: Double?) -> AuditValue { number.map { .number($0) } ?? .null }
    /// A whole number, or null.
    public static func optional(_ number: Int?) -> AuditValue { number.map { .integer(Int64($0)) } ?? .null }
    /// The text, nil when it is something else.
    public var text: String? { if case .text(let text) = self { text } else { nil } }
    /// The whole number, nil when it is something else.
    public var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    /// The number, whole or not; nil when it is something else.
    public var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
    /// The truth value, nil when it is something else.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements, nil when it is something else.
    public var list: [AuditValue]? { if case .list(let list) = self { list } else { nil } }
    /// The value of a key, nil when there is none or it is no object.
    public subscript(key: String) -> AuditValue? { if case .object(let object) = self { object[key] } else { nil } }
}

extension AuditValue: Codable {
    /// Reads any JSON value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // The usual ones first: each type that is tried in vain costs an error.
        if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([String: AuditValue].self) {
            self = .object(value)
        } else if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else {
            self = .list(try container.decode([AuditValue].self))
        }
    }

    /// Writes it as JSON.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
