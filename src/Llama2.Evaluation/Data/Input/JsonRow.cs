using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Input;

/// <summary>
/// Checks and parses one row of JSON. The element owns its memory: it refers to no document that could be disposed, and to no pooled array. All its
/// texts can be read, because texts that have half of a surrogate pair are refused here.
/// </summary>
internal static class JsonRow
{
    /// <summary>Parses an object.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="options">The limits.</param>
    /// <param name="at">Creates the exception for a fault.</param>
    /// <exception cref="EvaluationDataException">The text is not an object of JSON in UTF-8, or exceeds a limit.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> utf8, DataOptions options, Func<string, Exception?, EvaluationDataException> at)
    {
        if (utf8.Length > options.MaxRowByteSize)
            throw at(Invariant($"there are {utf8.Length:N0} bytes; at most {options.MaxRowByteSize:N0} are allowed ({nameof(DataOptions)}.{nameof(DataOptions.MaxRowByteSize)})"), null);
        if (!Utf8.IsValid(utf8))
            throw at("the text is not UTF-8; convert the file to UTF-8", null);
        try
        {
            Check(utf8, options, at);
            return JsonElement.Parse(utf8, new JsonDocumentOptions { MaxDepth = options.MaxDepth });
        }
        catch (JsonException exception)
        {
            throw at($"the JSON is malformed, or nested deeper than {options.MaxDepth} levels: {exception.Message.TrimEnd('.')}", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw at("a text has half of a surrogate pair; write the whole pair, or U+FFFD", exception);
        }
    }

    private static void Check(ReadOnlySpan<byte> utf8, DataOptions options, Func<string, Exception?, EvaluationDataException> at)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = options.MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw at($"there is {Describe(reader.TokenType)}, not an object; a row must be an object with named fields", null);
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
                continue;
            int length = reader.ValueIsEscaped ? reader.GetString()!.Length : reader.ValueSpan.Length;
            if (length > options.MaxTextLength && (reader.ValueIsEscaped || Encoding.UTF8.GetCharCount(reader.ValueSpan) > options.MaxTextLength))
                throw at(Invariant($"a text has more than {options.MaxTextLength:N0} characters; if you trust the file, allow more with {nameof(DataOptions)}.{nameof(DataOptions.MaxTextLength)}"), null);
        }
    }

    private static string Describe(JsonTokenType type) => type switch
    {
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.None => "nothing",
        _ => "a value",
    };
}
