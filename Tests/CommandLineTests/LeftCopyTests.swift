import Essentials
import Testing

@testable import RunbookEngine

/// What is left of an attempt before on a host that didn't notice that the link to it had broken.
struct LeftCopyTests {
    @Test func aCopyThatStillRunsIsEndedBeforeAnotherOneBegins() async throws {
        try await withDirectory { directory in
            // The first has the very directory as a word, the second another one, the third isn't such a program.
            let script = """
                data="$1/da ta" fresh="$1/da ta.pgdr-1-new"
                mkdir "$data" "$fresh" && touch "$fresh/of the first" && mkfifo "$1/never"
                (exec -a /x/pg_basebackup bash -c 'read -r <"$0"' "$1/never" -D "$fresh") & first=$!
                (exec -a /x/pg_basebackup bash -c 'read -r <"$0"' "$1/never" -D "$fresh-2") & second=$!
                (exec -a /x/tail bash -c 'read -r <"$0"' "$1/never" "$fresh") & third=$!
                sleep 0.3
                sh -c "$2" pgdr-make-fresh "$data" pgdr-1 2>&1
                echo "status $? entries $(ls -A "$fresh" | wc -l)"
                for process in $first $second $third; do
                    read -r _ _ state _ <"/proc/$process/stat"
                    case $state in Z | '') echo gone ;; *) echo there ;; esac
                done
                kill $second $third
                """
            let outcome = try await Tool.bash(script, [directory, RunScript.makeFresh.text])
            #expect(outcome.output == "status 0 entries 0\ngone\nthere\nthere\n", "\(outcome.output)\(outcome.errors)")
        }
    }
}
