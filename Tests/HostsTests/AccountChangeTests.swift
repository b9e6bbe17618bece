import Configuration
import Essentials
import Hosts
import Testing

struct AccountChangeTests {
    private static let root = [("user", "root"), ("uid", "0"), ("system", "Linux")]
    private static let ann = [("user", "ann"), ("uid", "1000"), ("system", "Linux"), ("tool", "/usr/bin/setpriv")]
    private static let setpriv = [("tool", "/usr/bin/setpriv"), ("tool", "/usr/sbin/runuser")]
    private static let runuser = [("tool", "/usr/sbin/runuser")]
    private static let home = [("owner_home", "/var/lib/postgresql")]
    private static let nameless = [("data_directory", "/srv/pg"), ("data_owner", "UNKNOWN:999:998:700:1")]

    @Test(
        arguments: [
            (anyHost + anyDirectory, [], .server, ["a", "b c"]),
            (anyHost + anyDirectory, ["sudo", "-n"], .server, ["a", "b c"]),
            (anyHost + anyDirectory, ["sudo", "-n"], .root, ["sudo", "-n", "--", "a", "b c"]),
            (ann, [], .login, ["a", "b c"]),
            (ann + anyDirectory, ["sudo", "-n"], .server, ["sudo", "-n", "-u", "postgres", "--", "a", "b c"]),
            (ann + nameless, ["doas"], .server, ["doas", "-u", "#999", "--", "a", "b c"]),
            (root, [], .root, ["a", "b c"]),
            (
                root + setpriv + anyDirectory + home, [], .server,
                [
                    "/usr/bin/setpriv", "--reuid", "postgres", "--regid", "104", "--init-groups", "--", "env",
                    "HOME=/var/lib/postgresql", "a", "b c",
                ]
            ),
            (
                root + runuser + anyDirectory, ["sudo"], .server,
                ["/usr/sbin/runuser", "-u", "postgres", "--", "a", "b c"]
            ),
            (
                root + setpriv + nameless, [], .server,
                ["/usr/bin/setpriv", "--reuid", "999", "--regid", "998", "--clear-groups", "--", "a", "b c"]
            ),
        ] as [([(String, String)], [String], HostCommand.Account, [String])])
    func becomesAnAccount(
        pairs: [(String, String)], become: [String], account: HostCommand.Account, words: [String]
    ) throws {
        let change = AccountChange(try facts(pairs), become: become)
        let command = HostCommand(["a", "b c"], as: account)
        #expect(try change.prefix(for: command) + command.words == words)
    }

    @Test(
        arguments: [
            (
                ann + anyDirectory, .server, "the user \"ann\" may not run commands as \"postgres\"",
                "Add become: \"sudo -n\" to it, and on the host the sudoers line: ann ALL=(postgres) NOPASSWD: ALL"
            ),
            (
                ann, .root, "the user \"ann\" may not run commands as \"root\"",
                "Add become: \"sudo -n\" to it, and on the host the sudoers line:"
                    + " ann ALL=(root) NOPASSWD: /usr/bin/systemctl stop postgresql@15-main a\\:b"
            ),
            (
                root + anyDirectory, .server, "could not become the account \"postgres\" of the server",
                "Log in as \"postgres\" rather than as root."
            ),
            (
                root + runuser + nameless, .server, "could not become the account \"#999\" of the server",
                "Log in as \"#999\" rather than as root."
            ),
            (
                root + setpriv, .server, "could not tell which account the server belongs to",
                "Give the node its \"data_directory\" in the configuration."
            ),
            (
                ann + [("data_directory", "/srv/pg"), ("data_owner", "root:0:0:755:1")], .server,
                "the data directory \"/srv/pg\" belongs to root", nil
            ),
        ] as [([(String, String)], HostCommand.Account, String, String?)])
    func refusesWithTheWayOut(
        pairs: [(String, String)], account: HostCommand.Account, message: String, hint: String?
    ) throws {
        let change = AccountChange(try facts(pairs), become: [])
        let command = HostCommand(["systemctl", "stop", "postgresql@15-main", "a:b"], as: account)
        let failure = #expect(throws: Failure.self) { try change.prefix(for: command) }
        #expect(failure?.code == .refused && failure?.message == message && failure?.hint == hint)
    }
}
