using System.CommandLine;
using Llama2.Cli.Options;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary>
/// <c>llama2 completion</c>: writes a script with which a shell completes commands and options. The script calls this program to get the completions.
/// </summary>
internal sealed class CompletionCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 completion bash >> ~/.bashrc
          llama2 completion zsh >> ~/.zshrc
          llama2 completion fish > ~/.config/fish/completions/llama2.fish
          llama2 completion pwsh >> $PROFILE
        """;

    // If the first argument is "[suggest:POSITION]", the program prints the possible completions at that position, one on each line. If it prints
    // none, the shell completes file names.
    private static readonly Dictionary<string, string> s_scripts = new()
    {
        ["bash"] = """
            _llama2() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(llama2 "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _llama2 llama2
            """,
        ["zsh"] = """
            _llama2() {
                local -a completions
                completions=("${(@f)$(llama2 "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
                if [[ -n "$completions" ]]; then compadd -a completions; else _files; fi
            }
            compdef _llama2 llama2
            """,
        ["fish"] = """
            complete -c llama2 -a '(llama2 "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName llama2 -ScriptBlock {
                param($word, $line, $position)
                llama2 "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
            }
            """,
    };

    private readonly Argument<string> _shell = ChoiceOption.CreateArgument("SHELL", "The shell", [.. s_scripts.Keys]);

    public Command Create()
    {
        var command = new Command("completion", "Writes a script that lets a shell complete this program's commands and options.") { _shell };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        host.Output.Write(s_scripts[result.GetRequiredValue(_shell)] + "\n");
        return ExitCodes.Success;
    }
}
