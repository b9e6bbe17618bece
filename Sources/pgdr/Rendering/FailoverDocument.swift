import Configuration
import Essentials

extension ConfigurationDocument {
    /// What a cluster's file says about failover.
    ///
    /// Of a command only the program is shown: a later word may be a secret.
    struct Failover: Encodable {
        var mode: String
        var confirmFor: Double
        var interval: Double
        var restartFirst: Bool
        var maxLag: MaxLag
        var fencing: String
        var fenceProgram: String?
        var cooldown: Double
        var atMost: Rate
        var preferSites: [String]
        var avoidSites: [String]
        var routePrograms: [String]
        var notifyPrograms: [String]
        var hookTimeout: Double

        init(_ policy: FailoverPolicy) {
            mode = policy.mode.rawValue
            confirmFor = policy.confirmFor.seconds
            interval = policy.interval.seconds
            restartFirst = policy.restartFirst
            maxLag = MaxLag(bytes: policy.maxLag.bytes, seconds: policy.maxLag.seconds)
            fencing = policy.fencing.rawValue
            fenceProgram = policy.fenceCommand?.first
            cooldown = policy.cooldown.seconds
            atMost = Rate(failovers: policy.atMost.failovers, within: policy.atMost.within.seconds)
            preferSites = policy.preferSites
            avoidSites = policy.avoidSites
            routePrograms = policy.routes.compactMap(\.first)
            notifyPrograms = policy.notify.compactMap(\.first)
            hookTimeout = policy.hookTimeout.seconds
        }

        enum CodingKeys: String, CodingKey {
            case mode, confirmFor = "confirm_for_seconds", interval = "interval_seconds"
            case restartFirst = "restart_first", maxLag = "max_lag", fencing, fenceProgram = "fence_program"
            case cooldown = "cooldown_seconds", atMost = "at_most", preferSites = "prefer_sites"
            case avoidSites = "avoid_sites", routePrograms = "route_programs", notifyPrograms = "notify_programs"
            case hookTimeout = "hook_timeout_seconds"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(mode, forKey: .mode)
            try container.encode(confirmFor, forKey: .confirmFor)
            try container.encode(interval, forKey: .interval)
            try container.encode(restartFirst, forKey: .restartFirst)
            try container.encode(maxLag, forKey: .maxLag)
            try container.encode(fencing, forKey: .fencing)
            try container.encode(fenceProgram, forKey: .fenceProgram)
            try container.encode(cooldown, forKey: .cooldown)
            try container.encode(atMost, forKey: .atMost)
            try container.encode(preferSites, forKey: .preferSites)
            try container.encode(avoidSites, forKey: .avoidSites)
            try container.encode(routePrograms, forKey: .routePrograms)
            try container.encode(notifyPrograms, forKey: .notifyPrograms)
            try container.encode(hookTimeout, forKey: .hookTimeout)
        }
    }

    struct MaxLag: Encodable {
        var bytes: UInt64?
        var seconds: Double?

        enum CodingKeys: String, CodingKey { case bytes, seconds }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(bytes, forKey: .bytes)
            try container.encode(seconds, forKey: .seconds)
        }
    }

    struct Rate: Encodable {
        var failovers: Int
        var within: Double

        enum CodingKeys: String, CodingKey { case failovers, within = "within_seconds" }
    }

    struct Witness: Encodable {
        var name: String
        /// `[user@]host[:port]`.
        var ssh: String
        /// Null where the file doesn't say it, like `decisions`.
        var site: String?
        var decisions: String?

        init(_ witness: WitnessConfiguration) {
            name = witness.name
            ssh = witness.ssh.text
            site = witness.site
            decisions = witness.decisions
        }

        enum CodingKeys: String, CodingKey { case name, ssh, site, decisions }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(ssh, forKey: .ssh)
            try container.encode(site, forKey: .site)
            try container.encode(decisions, forKey: .decisions)
        }
    }
}
