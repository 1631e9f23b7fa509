using System.CommandLine;
using Llama2.Training;

namespace Llama2.Cli.Options;

/// <summary>Creates the option that names the tensors that are trained as a whole and stored in the adapter, by PEFT's names for them.</summary>
internal static class SavedModulesOption
{
    public static Option<SavedModules?> Create() => NamesOption.Create(
        "--save-modules", "The tensors that are trained as a whole and stored in the adapter, as PEFT's modules_to_save", [.. PeftModules.Saved], (first, second) => first | second, "none, or the two matrices with a row for each token if tokens are added");
}
