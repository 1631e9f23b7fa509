using System.Text.Encodings.Web;
using System.Text.Json;
using Llama2.Formats;

namespace Llama2.Store;

/// <summary>The JSON of a manifest in the store: <c>{"version":1,"model":…,"commit":…,"type":…,"files":[{"path","size","hash"}]}</c>.</summary>
internal static class StoreManifestJson
{
    private const int Version = 1;
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(StoreManifest manifest, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, s_options);
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteString("model", manifest.Reference.ToString());
        json.WriteString("commit", manifest.Commit);
        json.WriteString("type", manifest.Type.ToString());
        json.WriteStartArray("files");
        foreach (HubFile file in manifest.Files)
        {
            json.WriteStartObject();
            json.WriteString("path", file.Path);
            json.WriteNumber("size", file.ByteSize);
            json.WriteString("hash", file.Hash?.Hex);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Parses a manifest. A user may have edited the file, so names are checked like those from a hub.</summary>
    /// <param name="json">The file's content.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="ModelStoreException">The JSON is not a manifest.</exception>
    public static StoreManifest Parse(ReadOnlyMemory<byte> json, string path)
    {
        try
        {
            JsonFields.CheckTexts(json.Span, path);
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.GetProperty("version"u8).GetInt32() is not Version and var version)
                throw new ModelStoreException($"'{path}' has version {version}; this program reads only version {Version}. Use the program that wrote it, or another folder.");

            var manifest = new StoreManifest(
                LlamaModelReference.Parse(root.GetProperty("model"u8).GetString() ?? ""),
                root.GetProperty("commit"u8).GetString() ?? "",
                Enum.Parse<StoredModelType>(root.GetProperty("type"u8).GetString() ?? ""),
                [.. root.GetProperty("files"u8).EnumerateArray().Select(ReadFile)]);
            return (manifest.Reference.File is not null || manifest.Reference.IsDataset) && manifest.Files.Count > 0 ? manifest : throw new JsonException("it names no file");
        }
        catch (Exception exception) when (exception is JsonException or ModelFormatException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new ModelStoreException($"'{path}' is damaged: {JsonFault.Describe(exception, json.Span)}. Delete it and pull the model again: complete files are not transferred a second time.", exception);
        }
    }

    private static HubFile ReadFile(JsonElement element)
    {
        string path = element.GetProperty("path"u8).GetString() ?? "";
        long size = element.GetProperty("size"u8).GetInt64();
        return RepositoryPath.FindFault(path) is { } fault ? throw new JsonException($"the path '{path}' {fault}")
            : size is < 0 or > HubRepository.MaxByteSize ? throw new JsonException($"the size of '{path}' is out of range")
            : new HubFile(path, size, ContentHash.Parse(element.GetProperty("hash"u8).GetString()));
    }
}
