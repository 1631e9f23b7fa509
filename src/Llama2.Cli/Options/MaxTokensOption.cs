using System.CommandLine;

namespace Llama2.Cli.Options;

/// <summary><c>--max-tokens</c>: the maximum length of a text.</summary>
internal static class MaxTokensOption
{
    public static Option<int?> Create() => NumberOption.Create<int>(
        "--max-tokens", "N", "The maximum number of tokens to generate. Default: until the model ends its text or the context is full.",
        value => new GenerationOptions { MaxTokens = value }, null, "-n");
}
