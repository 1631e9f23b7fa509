using System.Globalization;
using System.Text;
using System.Text.Json;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>
/// Writes and reads the training records of an adapter: <c>{"records": [{…}, …]}</c>, the oldest record first. A GGUF file has this text as the value of
/// a metadata key, and a PEFT folder has a file with it.
/// </summary>
internal static class TrainingRecordJson
{
    /// <summary>The name of the file in a PEFT folder.</summary>
    public const string FileName = "llama2_training.json";

    private const int MaxByteSize = 1 << 20;
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, NewLine = "\n" };

    public static void Write(Stream stream, IReadOnlyList<AdapterTrainingRecord> records)
    {
        using var json = new Utf8JsonWriter(stream, s_indented);
        json.WriteStartObject();
        json.WriteStartArray("records");
        foreach (AdapterTrainingRecord record in records)
        {
            json.WriteStartObject();
            json.WriteString("base_name", record.BaseName);
            json.WriteString("base_fingerprint", record.BaseFingerprint);
            json.WriteString("base_norm_fingerprint", record.BaseNormFingerprint);
            json.WriteString("data_fingerprint", record.DataFingerprint);
            json.WriteNumber("sample_count", record.SampleCount);
            json.WriteNumber("step_count", record.StepCount);
            // As text, because many programs read JSON numbers as float64, which does not have 64 bits for a seed.
            json.WriteString("seed", record.Seed.ToString(CultureInfo.InvariantCulture));
            json.WriteString("settings", record.Settings);
            json.WriteString("library_version", record.LibraryVersion);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The text of records.</summary>
    public static string TextOf(IReadOnlyList<AdapterTrainingRecord> records)
    {
        using var stream = new MemoryStream();
        Write(stream, records);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Reads the file in a PEFT folder; without the file, there are no records.</summary>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    public static IReadOnlyList<AdapterTrainingRecord> ReadFolder(string folder)
        => JsonFields.Find(Path.Combine(folder, FileName), MaxByteSize) is { } json ? Read(json) : [];

    /// <summary>Reads the text in a GGUF file; null if there is no record.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">The file, for error messages.</param>
    /// <param name="key">The text's key, for error messages.</param>
    /// <exception cref="ModelFormatException">The text is too long or malformed.</exception>
    public static IReadOnlyList<AdapterTrainingRecord> Read(string? text, string path, string key)
    {
        if (text is null)
        {
            return [];
        }

        return text.Length <= MaxByteSize
            ? Read(JsonFields.Parse(Encoding.UTF8.GetBytes(text), path))
            : throw new ModelFormatException(path, null, key, Invariant($"{text.Length:N0} characters"), Invariant($"at most {MaxByteSize:N0} are allowed"));
    }

    private static AdapterTrainingRecord[] Read(JsonFields json) => [.. (json.FindObjects("records") ?? throw json.Missing("records")).Select(ReadRecord)];

    private static AdapterTrainingRecord ReadRecord(JsonFields json) => new()
    {
        BaseName = Text(json, "base_name"),
        BaseFingerprint = Text(json, "base_fingerprint"),
        BaseNormFingerprint = Text(json, "base_norm_fingerprint"),
        DataFingerprint = Text(json, "data_fingerprint"),
        SampleCount = json.GetInt32("sample_count"),
        StepCount = json.GetInt32("step_count"),
        Seed = ulong.TryParse(Text(json, "seed"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? seed
            : throw json.Fault("seed", $"'{Text(json, "seed")}'", "it must be a whole number of at most 64 bits"),
        Settings = Text(json, "settings"),
        LibraryVersion = Text(json, "library_version"),
    };

    private static string Text(JsonFields json, string name) => json.FindString(name) ?? throw json.Missing(name);
}
