using System.Text.Json;
using Llama2.Formats;

namespace Llama2.Store;

/// <summary>
/// Records which files of a model had the right hash, with the length and modification time that each file had at that time:
/// <c>{"files":[{"path","hash","size","modified"}]}</c>. If the file with these records is missing or damaged, the model's files are hashed again.
/// </summary>
/// <param name="path">The file with these records.</param>
internal sealed class VerifiedFiles(string path)
{
    private const int MaxByteSize = 16 << 20;

    /// <summary>Whether a file is unchanged since its hash was verified.</summary>
    /// <param name="file">The file in the repository.</param>
    /// <param name="filePath">The file's path on this machine.</param>
    public bool Contains(HubFile file, string filePath) => Read().Contains(Record.Of(file, filePath));

    /// <summary>Records a file whose hash is right. If the store is not writable, nothing is recorded, and the file is hashed again later.</summary>
    /// <param name="file">The file as the hub describes it.</param>
    /// <param name="filePath">The file's path on this machine.</param>
    public void Add(HubFile file, string filePath)
    {
        Record[] records = [.. Read().Where(record => record.Path != file.Path), Record.Of(file, filePath)];
        try
        {
            // If the file is a link, the link is removed, and the link's target is not changed.
            if (new FileInfo(path).LinkTarget is not null)
                File.Delete(path);
            using var target = new AtomicFile(path);
            Write(records, target.Stream);
            target.Commit();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The file could not be recorded. Nevertheless, its content is right.
        }
    }

    private static void Write(Record[] records, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteStartArray("files");
        foreach (Record record in records)
        {
            json.WriteStartObject();
            json.WriteString("path", record.Path);
            json.WriteString("hash", record.Hash);
            json.WriteNumber("size", record.ByteSize);
            json.WriteNumber("modified", record.LastWriteTicks);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private Record[] Read()
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, LinkTarget: null })
                return [];
            byte[] json = RegularFile.ReadAllBytes(path, MaxByteSize);
            JsonFields.CheckTexts(json, path);
            using JsonDocument document = JsonDocument.Parse(json);
            return
            [
                .. document.RootElement.GetProperty("files"u8).EnumerateArray().Select(record => new Record(
                    record.GetProperty("path"u8).GetString()!, record.GetProperty("hash"u8).GetString()!, record.GetProperty("size"u8).GetInt64(), record.GetProperty("modified"u8).GetInt64())),
            ];
        }
        catch (Exception exception) when (
            exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ModelFormatException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private readonly record struct Record(string Path, string Hash, long ByteSize, long LastWriteTicks)
    {
        public static Record Of(HubFile file, string filePath)
        {
            var info = new FileInfo(filePath);
            return new Record(file.Path, file.Hash?.Hex ?? "", info.Length, info.LastWriteTimeUtc.Ticks);
        }
    }
}
