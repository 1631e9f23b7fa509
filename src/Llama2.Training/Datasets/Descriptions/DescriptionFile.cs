using System.Text.Json;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Descriptions;

/// <summary>
/// A file in the form of LLaMA-Factory's <c>dataset_info.json</c>: an object whose fields are the names of data sets, and whose values describe them.
/// </summary>
internal sealed class DescriptionFile
{
    private const string FileName = "dataset_info.json";
    private const string Ending = ".json#";
    private const int MaxByteSize = 1 << 20;
    private const int MaxFieldCount = 100;
    private const int MaxShownCount = 12;

    // The fields of a description whose values are maps.
    private static readonly string[] s_maps = ["columns", "tags"];

    private readonly string _path;
    private readonly byte[] _json;

    private DescriptionFile(string path)
    {
        _path = path;
        if (!RegularFile.HasContent(path))
        {
            throw new TrainingDataException(path, null, "the file of descriptions is empty, or is a pipe or a device, which are not read");
        }

        using FileStream file = File.OpenRead(path);
        _json = file.Length <= MaxByteSize ? new byte[file.Length] : throw new TrainingDataException(path, null, Invariant($"it has {file.Length:N0} bytes; descriptions of data sets have at most {MaxByteSize:N0}: put those that are needed into a separate file"));
        file.ReadExactly(_json);
    }

    /// <summary>
    /// Splits a reference such as <c>data/dataset_info.json#name</c>; null if the path names a data file. The name is empty if there is none.
    /// </summary>
    public static (string Path, string Name)? Split(string reference)
    {
        if (File.Exists(reference))
        {
            return Path.GetFileName(reference) == FileName ? (reference, "") : null;
        }

        int end = reference.IndexOf(Ending, StringComparison.Ordinal);
        return end < 0 ? null : (reference[..(end + Ending.Length - 1)], reference[(end + Ending.Length)..]);
    }

    /// <summary>Reads the description of a data set.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The data set; it may be empty if the file has one only.</param>
    /// <param name="line">The line on which the description begins.</param>
    /// <exception cref="TrainingDataException">The file does not have the data set, or is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static List<DescriptionField> Read(string path, string name, out long line)
    {
        var file = new DescriptionFile(path);
        try
        {
            return file.Read(name, out line);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new TrainingDataException(path, null, $"the file of descriptions is not JSON: {JsonFault.Describe(exception, file._json)}; correct it");
        }
    }

    private List<DescriptionField> Read(string name, out long line)
    {
        ReadOnlySpan<byte> mark = "\uFEFF"u8;
        ReadOnlySpan<byte> json = _json.AsSpan().StartsWith(mark) ? _json.AsSpan(mark.Length) : _json;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Fault(1, "the file is not an object whose fields are the names of data sets; write it as LLaMA-Factory documents dataset_info.json");
        }

        List<string> names = [];
        List<DescriptionField>? found = null;
        line = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            names.Add(reader.GetString()!);
            long start = reader.TokenStartIndex;
            reader.Read();
            if (name.Length == 0 ? names.Count > 1 : names[^1] != name)
            {
                reader.Skip();
                continue;
            }

            line = LineOf(json, start);
            found = found is null ? ReadFields(ref reader, json, "", line) : throw Fault(line, $"'{name}' is described twice; keep one of the two");
        }

        while (reader.Read())
        {
            // Python's reader refuses text after the object, too.
        }

        return found is null ? throw Fault(null, $"there is no data set '{name}'; it describes {Shown(names)}")
            : name.Length == 0 && names.Count > 1 ? throw Fault(null, $"it describes {Shown(names)}; name one of them, as in {FileName}#{names[0]}")
            : found;
    }

    private List<DescriptionField> ReadFields(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string parent, long line)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Fault(line, $"{(parent.Length == 0 ? "the description" : $"'{parent}'")} is not an object; write its fields between braces");
        }

        List<DescriptionField> fields = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!, full = parent.Length == 0 ? name : $"{parent}.{name}";
            long start = LineOf(json, reader.TokenStartIndex);
            if (fields.Exists(field => field.Name == full))
            {
                throw Fault(start, $"'{full}' is given twice; keep one of the two");
            }

            if (fields.Count == MaxFieldCount)
            {
                throw Fault(start, Invariant($"the description has more than {MaxFieldCount} fields; remove those that are not LLaMA-Factory's"));
            }

            reader.Read();
            if (parent.Length == 0 && s_maps.Contains(name) && reader.TokenType != JsonTokenType.Null)
            {
                fields.Add(new DescriptionField(name, start, default));
                fields.AddRange(ReadFields(ref reader, json, name, start));
            }
            else
            {
                fields.Add(new DescriptionField(full, start, JsonElement.ParseValue(ref reader)));
            }
        }

        return fields;
    }

    private static long LineOf(ReadOnlySpan<byte> json, long offset) => 1 + json[..(int)offset].Count((byte)'\n');

    private static string Shown(List<string> names) => names.Count == 0
        ? "no data set"
        : string.Join(", ", names.Take(MaxShownCount).Select(name => $"'{(name.Length <= 40 ? name : name[..40] + "…")}'")) + (names.Count > MaxShownCount ? Invariant($" and {names.Count - MaxShownCount:N0} others") : "");

    private TrainingDataException Fault(long? line, string reason) => new(_path, line, reason);
}
