import Configuration
import Essentials
import Subprocess
import SystemPackage

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Sends one GET request, by the program `curl`.
/// - Throws: `connection` in curl's words when there was no answer, `command` when there is no curl.
func ask(http probe: HTTPProbe, until deadline: Deadline) async throws(Failure) -> HTTPAnswer {
    let request = CurlRequest(
        url: probe.url.text,
        certificateAuthority: try probe.certificateAuthority.map { path throws(Failure) in
            try LocalPath.expanded(path)
        },
        user: probe.login.user, password: try probe.login.password?.read(), token: try probe.login.token?.read())
    let output = try await curl(request.configuration(timeout: deadline.remaining), until: deadline)
    return try CurlReport(output).answer()
}

/// What ends first.
private enum CurlEnding: Sendable {
    case ended(String)
    case refused(Failure)
    case late
}

/// How long curl, which knows the deadline itself, has to end by itself.
private let grace: Duration = .milliseconds(500)

/// What curl prints about a request whose options it reads from its standard input.
private func curl(_ configuration: String, until deadline: Deadline) async throws(Failure) -> String {
    let input = try readingEnd(of: configuration)
    let ending = await withTaskGroup(of: CurlEnding.self) { tasks in
        tasks.addTask { await run(input) }
        tasks.addTask {
            _ = await ReadinessLoop.shared.sleep(until: .after(deadline.remaining + grace))
            return .late
        }
        let first = await tasks.next()
        tasks.cancelAll()
        await tasks.waitForAll()
        return first
    }
    switch ending {
    case .ended(let output): return output
    case .refused(let failure): throw failure
    case .late, nil: throw Failure(.timeout, "no answer in time")
    }
}

private func run(_ input: Int32) async -> CurlEnding {
    do {
        // Options of the user's own (~/.curlrc) are not meant.
        let result = try await Subprocess.run(
            .name("curl"), arguments: ["-q", "--config", "-"],
            input: .fileDescriptor(FileDescriptor(rawValue: input), closeAfterSpawningProcess: true),
            output: .string(limit: 1 << 18), error: .discarded)
        return .ended(result.standardOutput)
    } catch let error as SubprocessError where error.code == .executableNotFound {
        return .refused(
            Failure(.command, "there is no curl to ask it with", hint: "Install it: apt-get install curl"))
    } catch {
        return .refused(Failure(.command, "could not run curl", detail: "\(error)"))
    }
}

/// A blocking descriptor from which the whole text is read, and then its end.
private func readingEnd(of text: String) throws(Failure) -> Int32 {
    let pipe = try Pipe()
    let bytes = Array(text.utf8)
    guard write(pipe.writing.number, bytes, bytes.count) == bytes.count else {
        throw Failure(.system, "the request is too long")
    }
    let number = fcntl(pipe.reading.number, F_DUPFD_CLOEXEC, 0)
    guard number >= 0 else { throw Failure(.system, "could not open a pipe") }
    _ = fcntl(number, F_SETFL, 0)
    return number
}
