import Essentials
import Testing

@testable import pgdr

struct FailureTests {
    private let whole = Failure(
        .lab, "could not start", detail: "First line\n\tsecond | line\n", hint: "Look at \"/var/log\".", node: "dr")

    @Test func forPeople() {
        expect(
            FailureText(failure: whole).text,
            is: """
                pgdr: node "dr": could not start
                DETAIL: First line
                    second | line
                HINT: Look at "/var/log".
                """)
        #expect(FailureText(failure: Failure(.timeout, "too late")).text == "pgdr: too late")
    }

    @Test func aNodeIsNamedOnce() {
        let failure = Failure(.lab, "could not start node \"dr\"", node: "dr")
        #expect(FailureText(failure: failure).text == "pgdr: could not start node \"dr\"")
    }

    @Test func forScripts() throws {
        #expect(
            try JSON.text(FailureDocument(failure: whole), .oneLine)
                == #"{"code":"lab","detail":"First line\n\tsecond | line\n","hint":"Look at \"/var/log\".","#
                + #""message":"could not start","node":"dr"}"#)
        #expect(
            try JSON.text(FailureDocument(failure: Failure(.timeout, "too late")), .oneLine)
                == #"{"code":"timeout","detail":null,"hint":null,"message":"too late","node":null}"#)
    }

    @Test func aRefusalIsNoFailedAction() {
        #expect(ExitStatus.action(Failure(.refused, "not here")) == 1)
        #expect(ExitStatus.action(whole) == 2)
    }
}
