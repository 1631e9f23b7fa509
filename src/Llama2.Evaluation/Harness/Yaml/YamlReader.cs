using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using static System.FormattableString;

namespace Llama2.Evaluation.Harness.Yaml;

/// <summary>
/// Reads a YAML file as PyYAML's safe loader does, with the tag <c>!function</c> of lm-evaluation-harness. The file is untrusted: its size, its depth and
/// the number of its values are limited, where an alias counts as all values to which it refers.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>The maximum size of a file in bytes. The largest files in use have about 60 kB.</summary>
    public const int MaxFileSize = 1 << 20;

    private const int MaxDepth = 32, MaxValueCount = 50_000, MaxTextLength = 4 << 20;
    private const string CoreTags = "tag:yaml.org,2002:";

    private readonly string _file;
    private readonly Parser _parser;
    private readonly Dictionary<string, (YamlValue Value, int Count, long Length)> _anchors = new(StringComparer.Ordinal);
    private int _valueCount;
    private long _textLength;

    private YamlReader(string file, string text)
    {
        _file = file;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>Reads a file whose top is a map.</summary>
    /// <exception cref="HarnessTaskException">The file is missing, malformed, or exceeds a limit.</exception>
    public static YamlValue ReadFile(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > MaxFileSize)
                throw Fault(path, Invariant($"the file has {stream.Length:N0} bytes; at most {MaxFileSize:N0} are allowed"));
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return Read(path, bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Fault(path, $"the file cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads the content of a file.</summary>
    /// <param name="file">The file's path, for messages.</param>
    /// <param name="content">Its content, in UTF-8.</param>
    /// <exception cref="HarnessTaskException">The content is malformed, or exceeds a limit.</exception>
    public static YamlValue Read(string file, ReadOnlySpan<byte> content)
    {
        try
        {
            ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content.StartsWith(mark) ? content[mark.Length..] : content);
            return new YamlReader(file, text).ReadDocument();
        }
        catch (DecoderFallbackException exception)
        {
            throw Fault(file, "the file is not in UTF-8", exception);
        }
        catch (YamlException exception)
        {
            throw Fault(file, Invariant($"the YAML is malformed in line {exception.Start.Line}: {exception.Message}"), exception);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or IndexOutOfRangeException or OverflowException or FormatException)
        {
            // The parser reports some malformed escapes and anchors in this way.
            throw Fault(file, $"the YAML is malformed: {exception.Message}", exception);
        }
    }

    private YamlValue ReadDocument()
    {
        Expect<StreamStart>();
        if (Next() is not DocumentStart)
            throw Fault(_file, "the file is empty; a map is expected");
        YamlValue value = ReadValue(Next(), 0);
        Expect<DocumentEnd>();
        if (Next() is not StreamEnd)
            throw Fault(_file, "the file has several documents; one is expected");
        return value.Kind == YamlKind.Map ? value : throw value.Fault(null, "the file has no map at its top");
    }

    private YamlValue ReadValue(ParsingEvent @event, int depth)
    {
        if (depth > MaxDepth)
            throw Fault(@event, Invariant($"lists and maps are nested more than {MaxDepth} deep"));
        int count = _valueCount;
        long length = _textLength;
        Charge(@event, 1, @event is Scalar { Value.Length: var textLength } ? textLength : 0);
        YamlValue value = @event switch
        {
            AnchorAlias alias => ReadAlias(alias),
            Scalar scalar => ReadScalar(scalar),
            SequenceStart start => ReadList(start, depth),
            MappingStart start => ReadMap(start, depth),
            _ => throw Fault(@event, "a value is expected"),
        };
        if (@event is NodeEvent { Anchor: { IsEmpty: false } anchor })
            _anchors[anchor.Value] = (value, _valueCount - count, _textLength - length);
        return value;
    }

    private YamlValue ReadAlias(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var anchor))
            throw Fault(alias, $"the alias '*{alias.Value.Value}' refers to no value before it");
        Charge(alias, anchor.Count, anchor.Length);
        return anchor.Value;
    }

    private YamlValue ReadScalar(Scalar scalar)
    {
        if (!IsWhole(scalar.Value))
            throw Fault(scalar, "a text has half of a surrogate pair");
        string tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        YamlKind kind = tag switch
        {
            "" or "?" => scalar.Style == ScalarStyle.Plain ? YamlScalar.KindOf(scalar.Value) : YamlKind.Text,
            "!" or CoreTags + "str" => YamlKind.Text,
            "!function" => YamlKind.Function,
            CoreTags + "int" or CoreTags + "float" or CoreTags + "bool" or CoreTags + "null" => YamlScalar.KindOf(scalar.Value),
            _ => throw Fault(scalar, $"the tag '{tag}' is not supported; only '!function' is"),
        };
        return new YamlValue(kind, scalar.Value, _file, scalar.Start.Line);
    }

    private YamlValue ReadList(SequenceStart start, int depth)
    {
        CheckTag(start, "seq");
        List<YamlValue> items = [];
        for (ParsingEvent next = Next(); next is not SequenceEnd; next = Next())
            items.Add(ReadValue(next, depth + 1));
        return new YamlValue(YamlKind.List, "", _file, start.Start.Line) { Items = items };
    }

    private YamlValue ReadMap(MappingStart start, int depth)
    {
        CheckTag(start, "map");
        var entries = new OrderedDictionary<string, YamlValue>();
        List<YamlValue> merged = [];
        for (ParsingEvent next = Next(); next is not MappingEnd; next = Next())
        {
            YamlValue key = ReadValue(next, depth + 1);
            if (key.Kind is YamlKind.List or YamlKind.Map or YamlKind.Function)
                throw Fault(next, "a key is not a text");
            YamlValue value = ReadValue(Next(), depth + 1);
            if (key.Text == "<<" && next is Scalar { Style: ScalarStyle.Plain })
                merged.AddRange(value.Kind == YamlKind.List ? value.Items : [value]);
            else
                entries[key.Text] = value;
        }

        // The merge key inserts the entries of other maps, of which the first takes precedence.
        foreach (YamlValue map in merged)
        {
            if (map.Kind != YamlKind.Map)
                throw map.Fault("<<", "only maps can be merged");
            foreach ((string name, YamlValue value) in map.Entries)
                entries.TryAdd(name, value);
        }

        return new YamlValue(YamlKind.Map, "", _file, start.Start.Line) { Entries = [.. entries] };
    }

    private static bool IsWhole(string text)
    {
        for (ReadOnlySpan<char> rest = text; rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out int length) != System.Buffers.OperationStatus.Done)
                return false;
            rest = rest[length..];
        }

        return true;
    }

    private void CheckTag(NodeEvent start, string name)
    {
        if (!start.Tag.IsEmpty && start.Tag.Value is not ("!" or "?") && start.Tag.Value != CoreTags + name)
            throw Fault(start, $"the tag '{start.Tag.Value}' is not supported");
    }

    private void Charge(ParsingEvent @event, int count, long length)
    {
        _valueCount += count;
        _textLength += length;
        if (_valueCount > MaxValueCount)
            throw Fault(@event, Invariant($"the file has more than {MaxValueCount:N0} values, where an alias counts as all values to which it refers"));
        if (_textLength > MaxTextLength)
            throw Fault(@event, Invariant($"the texts of the file have more than {MaxTextLength:N0} characters, where an alias counts as the texts to which it refers"));
    }

    private ParsingEvent Next() => _parser.MoveNext() ? _parser.Current! : throw Fault(_file, "the file ends too soon");

    private void Expect<T>()
        where T : ParsingEvent
    {
        if (Next() is not T)
            throw Fault(_file, $"the file is malformed: {typeof(T).Name} is expected");
    }

    private HarnessTaskException Fault(ParsingEvent @event, string what) => new YamlValue(YamlKind.Null, "", _file, @event.Start.Line).Fault(null, what);

    private static HarnessTaskException Fault(string file, string what) => new(file, null, $"Task file '{file}': {what}.");

    private static HarnessTaskException Fault(string file, string what, Exception cause) => new(file, null, $"Task file '{file}': {what}.", cause);
}
