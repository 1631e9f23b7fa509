using Llama2.Training;

namespace Llama2.Cli.Terminal;

/// <summary>The words by which the command names the formats of records.</summary>
internal static class DataFormatWord
{
    public static string Of(DatasetFormat format) => format switch
    {
        DatasetFormat.PromptCompletion => "prompt-completion",
        DatasetFormat.TextRecords => "text-records",
        _ => format.ToString().ToLowerInvariant(),
    };
}
