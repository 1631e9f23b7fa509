using System.CommandLine;
using Llama2.Training;

namespace Llama2.Cli.Options;

/// <summary>Creates the option that names the matrices that are trained as a whole and stored in the adapter, by PEFT's names for them.</summary>
internal static class SavedModulesOption
{
    public static Option<SavedModules?> Create() => NamesOption.Create(
        "--save-modules", "The matrices that are trained as a whole and stored in the adapter", [.. PeftModules.Saved], (first, second) => first | second, "none, or both if tokens are added");
}
