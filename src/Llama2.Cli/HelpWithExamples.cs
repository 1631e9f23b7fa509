using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Llama2.Cli;

/// <summary>Writes the parser's own help, followed by examples that users can copy.</summary>
internal sealed class HelpWithExamples(HelpAction help, IReadOnlyDictionary<Command, string> examples) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int exitCode = help.Invoke(parseResult);
        if (examples.TryGetValue(parseResult.CommandResult.Command, out string? text))
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"Examples:\n  {text}\n");
        }

        return exitCode;
    }
}
