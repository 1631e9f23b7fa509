using System.Text.Json;

namespace Llama2.Training.Datasets;

/// <summary>What a JSON parser found, without where: the data set's reader says that.</summary>
internal static class JsonFaults
{
    public static string Describe(JsonException exception)
    {
        int place = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        string text = place < 0 ? exception.Message : exception.Message[..place];
        return text.TrimEnd('.');
    }
}
