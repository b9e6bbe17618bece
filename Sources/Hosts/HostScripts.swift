/// The shell scripts that pgdr runs on a node's host, embedded from the files of the same names.
///
/// They come as a word of a command, with their arguments as further words, so that nothing has to lie there before.
enum HostScript {
    /// What there is; see the file.
    static let facts = text(PackageResources.facts_sh)
    /// The part of it that needs the server's account; see the file.
    static let ownerFacts = text(PackageResources.owner_facts_sh)
    /// Waits until no server runs; see the file.
    static let awaitStopped = text(PackageResources.await_stopped_sh)
    /// Waits until a server takes connections; see the file.
    static let awaitRunning = text(PackageResources.await_running_sh)

    /// Waits until a container has ended; see the file.
    static let awaitContainerStopped = text(PackageResources.await_container_stopped_sh)
    /// Makes and starts a container; see the file.
    static let beginContainer = text(PackageResources.begin_container_sh)
    /// Removes one; see the file.
    static let endContainer = text(PackageResources.end_container_sh)
    /// Forbids a cluster of Debian's to start; see the file.
    static let forbidStart = text(PackageResources.forbid_start_sh)
    /// Takes that back; see the file.
    static let allowStart = text(PackageResources.allow_start_sh)
    /// How long a server's certificate is good; see the file.
    static let certificate = text(PackageResources.certificate_sh)

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The words that run a script; `name` is what the process list and a plan show it as.
    static func words(_ script: String, _ name: String, _ arguments: [String]) -> [String] {
        ["sh", "-c", script, name] + arguments
    }
}
