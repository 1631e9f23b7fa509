using Llama2.Cli.Terminal;
using Llama2.Evaluation;

namespace Llama2.Cli.Evaluating;

/// <summary>The data sets that a command names with <c>--data</c>.</summary>
internal static class EvaluationData
{
    /// <summary>Opens a folder.</summary>
    /// <exception cref="CommandException">There is no such folder.</exception>
    public static DataFolder Open(string name)
        => Directory.Exists(name) ? DataFolder.Open(name) : throw new CommandException($"There is no folder '{name}' with data sets.");
}
