/// What a server could trip over once it is primary, beyond its replication; from `sql/validate.sql`.
public struct PromotionFacts: Sendable, Equatable, Codable {
    /// An extension installed in the database.
    public struct Extension: Sendable, Equatable, Codable {
        /// Its name.
        public var name: String
        /// The version recorded in the catalog.
        public var version: String
        /// Whether the host has its control file.
        public var available: Bool
        /// Whether the host has that version.
        public var versionAvailable: Bool

        enum CodingKeys: String, CodingKey {
            case name, version, available
            case versionAvailable = "version_available"
        }

        /// An extension and what the host has of it.
        public init(name: String, version: String, available: Bool, versionAvailable: Bool) {
            self.name = name
            self.version = version
            self.available = available
            self.versionAvailable = versionAvailable
        }
    }

    /// A collation or database whose collation version differs on the host.
    public struct Collation: Sendable, Equatable, Codable {
        /// The collation or the database.
        public var name: String
        /// The version the indexes were built with.
        public var recorded: String?
        /// The version this host has.
        public var actual: String?

        /// A collation and its two versions.
        public init(name: String, recorded: String?, actual: String?) {
            self.name = name
            self.recorded = recorded
            self.actual = actual
        }
    }

    /// The extensions installed in the database.
    public var extensions: [Extension]
    /// Collations and databases whose version differs on the host.
    public var collations: [Collation]
    /// Whether the role that asks may call `pg_promote`.
    public var mayPromote: Bool

    enum CodingKeys: String, CodingKey {
        case extensions, collations
        case mayPromote = "may_promote"
    }

    /// The facts about one server.
    public init(extensions: [Extension], collations: [Collation], mayPromote: Bool) {
        self.extensions = extensions
        self.collations = collations
        self.mayPromote = mayPromote
    }
}
