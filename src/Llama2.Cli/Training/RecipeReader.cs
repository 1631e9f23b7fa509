using System.Text;
using Llama2.Cli.Input;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>
/// Reads a recipe: a YAML map whose values are texts, lists of texts, or maps of texts. The file is untrusted: its size and the number of its values are
/// limited, nothing is nested more deeply, and anchors and tags are refused.
/// </summary>
internal sealed class RecipeReader
{
    /// <summary>The maximum size of a recipe in bytes.</summary>
    public const int MaxByteSize = 1 << 16;

    private const int MaxValueCount = 1000;

    private readonly string _path;
    private readonly Parser _parser;
    private readonly List<RecipeEntry> _entries = [];
    private int _valueCount;

    private RecipeReader(string path, string text) => (_path, _parser) = (path, new Parser(new StringReader(text)));

    /// <summary>Reads a file.</summary>
    /// <exception cref="CommandException">The file is missing or malformed, or exceeds a limit; the message names the line.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<RecipeEntry> Read(string path)
    {
        byte[] bytes = ReadBytes(path);
        try
        {
            ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.AsSpan().StartsWith(mark) ? bytes.AsSpan(mark.Length) : bytes);
            var reader = new RecipeReader(path, text);
            reader.ReadDocument();
            return reader._entries;
        }
        catch (DecoderFallbackException)
        {
            throw new CommandException($"The recipe '{path}' is not in UTF-8; save it again as UTF-8.");
        }
        catch (YamlException exception)
        {
            throw new CommandException(Invariant($"The recipe '{path}', line {exception.Start.Line}: the YAML is malformed: {exception.Message}"), exception);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or IndexOutOfRangeException or OverflowException or FormatException)
        {
            // The parser reports some malformed escapes in this way.
            throw new CommandException($"The recipe '{path}': the YAML is malformed: {exception.Message}", exception);
        }
    }

    private static byte[] ReadBytes(string path)
    {
        using FileStream stream = File.OpenRead(InputPath.Require(path));
        byte[] bytes = new byte[MaxByteSize + 1];
        int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count <= MaxByteSize ? bytes[..count] : throw new CommandException(Invariant($"The recipe '{path}' has more than {MaxByteSize:N0} bytes."));
    }

    private void ReadDocument()
    {
        Next();
        if (Next() is not DocumentStart)
        {
            throw new CommandException($"The recipe '{_path}' is empty; it needs lines such as 'epochs: 3'.");
        }

        if (Next() is not MappingStart start)
        {
            throw Fault(_parser.Current!, "a recipe is a map with lines such as 'epochs: 3'");
        }

        RefuseProperties(start);
        for (ParsingEvent next = Next(); next is not MappingEnd; next = Next())
        {
            string key = ReadText(next, "a key");
            if (_entries.Find(entry => entry.Key == key) is { } first)
            {
                throw Fault(next, Invariant($"'{PrintableText.Shorten(key, 80)}' is already in line {first.Line}"));
            }

            _entries.Add(new RecipeEntry(key, next.Start.Line, ReadValues(key, Next())));
        }

        Next();
        if (Next() is not StreamEnd)
        {
            throw Fault(_parser.Current!, "a second document begins; a recipe is one document");
        }
    }

    private List<string> ReadValues(string key, ParsingEvent first)
    {
        List<string> values = [];
        string what = $"the value of '{PrintableText.Shorten(key, 80)}'";
        switch (first)
        {
            case SequenceStart list:
                RefuseProperties(list);
                for (ParsingEvent item = Next(); item is not SequenceEnd; item = Next())
                {
                    values.Add(ReadText(item, $"an item of {what}"));
                }

                break;
            case MappingStart map:
                RefuseProperties(map);
                for (ParsingEvent name = Next(); name is not MappingEnd; name = Next())
                {
                    values.Add($"{ReadText(name, $"a key in {what}")}={ReadText(Next(), $"an item of {what}")}");
                }

                break;
            default:
                values.Add(ReadText(first, what));
                break;
        }

        return values.Count > 0 ? values : throw Fault(first, $"{what} is empty; remove the line, or give a value");
    }

    private string ReadText(ParsingEvent @event, string what)
    {
        if (++_valueCount > MaxValueCount)
        {
            throw Fault(@event, Invariant($"the recipe has more than {MaxValueCount:N0} values"));
        }

        if (@event is not Scalar scalar)
        {
            throw Fault(@event, @event is AnchorAlias ? $"{what} is an alias ('*name'), which is not supported in a recipe; write the value itself" : $"{what} is a {(@event is MappingStart ? "map" : "list")}; write a text or a number");
        }

        RefuseProperties(scalar);
        return scalar.Value.Length > 0 && !(scalar.Style == ScalarStyle.Plain && scalar.Value is "~" or "null") ? scalar.Value : throw Fault(@event, $"{what} is empty; remove the line, or give a value");
    }

    private void RefuseProperties(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty || node.Tag is { IsEmpty: false, IsNonSpecific: false })
        {
            throw Fault(node, "an anchor ('&name') or a tag ('!name') is not supported in a recipe");
        }
    }

    private ParsingEvent Next() => _parser.MoveNext() ? _parser.Current! : throw new CommandException($"The recipe '{_path}' ends too soon.");

    private CommandException Fault(ParsingEvent @event, string what) => new(Invariant($"The recipe '{_path}', line {@event.Start.Line}: {what}."));
}
