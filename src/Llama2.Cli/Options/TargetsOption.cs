using System.CommandLine;
using Llama2.Training;

namespace Llama2.Cli.Options;

/// <summary>Creates the option that names the matrices to which adapters are added, by PEFT's names for them.</summary>
internal static class TargetsOption
{
    public static Option<LoraTargets?> Create() => NamesOption.Create(
        "--targets", "The matrices of each layer that get adapters", [new("all", LoraTargets.All), .. PeftModules.Targets], (first, second) => first | second, "all");
}
