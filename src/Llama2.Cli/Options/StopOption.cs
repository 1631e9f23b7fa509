namespace Llama2.Cli.Options;

/// <summary><c>--stop</c>: texts that end the generation.</summary>
internal static class StopOption
{
    public static TextsOption Create() => new(
        "--stop", "Ends the generation before this text appears; may be given several times.", texts => new GenerationOptions { StopSequences = texts });
}
