using System.Text.Json;

namespace Llama2.Evaluation.Tests.Backends.LlamaCpp;

/// <summary>
/// A file from which benchmarks/compare/log-likelihoods computes llama.cpp's log-likelihoods of the same tokens. It contains text of MMLU as tokens, so
/// it is not committed. Files are written only if the environment variable LLAMA2_WRITE_REQUESTS names a folder; models in this folder are compared as well.
/// </summary>
internal static class RequestFile
{
    /// <summary>The folder; null if no files are to be written.</summary>
    public static string? Folder { get; } = Environment.GetEnvironmentVariable("LLAMA2_WRITE_REQUESTS") is { Length: > 0 } folder ? folder : null;

    /// <summary>The names of the models in the folder.</summary>
    public static IEnumerable<string> OtherModels => Folder is null ? [] : Directory.GetFiles(Folder, "*.gguf").Select(path => Path.GetFileNameWithoutExtension(path));

    public static void Write(ComparedModel model, string modelPath, string? adapterPath, int contextLength, IReadOnlyDictionary<string, ScoredQuestions> forms)
    {
        using FileStream file = File.Create(Path.Combine(Folder!, $"{model.Name}.requests.json"));
        using var writer = new Utf8JsonWriter(file);
        writer.WriteStartObject();
        // The file may be a temporary one.
        string copy = Path.Combine(Folder!, $"{model.Name}.gguf");
        if (!File.Exists(copy))
            File.Copy(modelPath, copy);
        if (adapterPath is not null)
            File.Copy(adapterPath, Path.Combine(Folder!, $"{model.Name}.adapter"), overwrite: true);
        writer.WriteString("cache", model.CacheType.ToString());
        writer.WriteNumber("context_length", contextLength);
        writer.WriteStartObject("forms");
        foreach ((string form, ScoredQuestions questions) in forms)
        {
            writer.WriteStartObject(form);
            writer.WriteString("digest", questions.Digest);
            writer.WriteStartArray("requests");
            foreach ((ScoredSequence sequence, EvaluationResponse response) in questions.Sequences.Zip(questions.Responses))
            {
                writer.WriteStartObject();
                writer.WritePropertyName("tokens");
                JsonSerializer.Serialize(writer, sequence.Tokens);
                writer.WriteNumber("start", sequence.Start);
                writer.WriteNumber("log_likelihood", response.LogLikelihood);
                writer.WriteBoolean("greedy", response.IsGreedy);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
