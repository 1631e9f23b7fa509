using System.Text.Json;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Tokenization;

/// <summary>
/// Reads the array <c>added_tokens</c> of a <c>tokenizer.json</c> token by token. Of several members with the same name, the last is used.
/// </summary>
internal ref struct AddedTokenReader
{
    private readonly JsonFields _root;
    private readonly bool _hasTokens;
    private Utf8JsonReader _json;
    private int _index = -1;

    /// <param name="root">The root object of the file, for error messages.</param>
    /// <param name="json">A reader positioned before the array; default if the file has none.</param>
    public AddedTokenReader(JsonFields root, Utf8JsonReader json)
    {
        _root = root;
        _json = json;
        _hasTokens = json.IsFinalBlock && _json.Read();
    }

    /// <summary>Reads the next token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="idLimit">Tokens with this id or a higher one are skipped, without allocating strings for their texts.</param>
    /// <returns>True if a token was read; false at the end of the array.</returns>
    /// <exception cref="ModelFormatException">A member is missing or has the wrong type.</exception>
    public bool Read(out AddedToken token, long idLimit = long.MaxValue)
    {
        token = default;
        while (_hasTokens && _json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            _index++;
            if (ReadObject(idLimit, out token))
                return true;
        }

        return false;
    }

    private bool ReadObject(long idLimit, out AddedToken token)
    {
        if (_json.TokenType != JsonTokenType.StartObject)
            throw Fault("", "an object");

        int? id = null;
        Utf8JsonReader content = default;
        string? unsupportedFlag = null;
        bool isSpecial = false, isNormalized = false;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("id"u8))
                id = ReadId();
            else if (_json.ValueTextEquals("content"u8))
                content = ReadContent();
            else if (_json.ValueTextEquals("special"u8))
                isSpecial = ReadFlag("special");
            else if (_json.ValueTextEquals("normalized"u8))
                isNormalized = ReadFlag("normalized");
            else if (_json.ValueTextEquals("single_word"u8))
                ReadUnsupported("single_word", ref unsupportedFlag);
            else if (_json.ValueTextEquals("lstrip"u8))
                ReadUnsupported("lstrip", ref unsupportedFlag);
            else if (_json.ValueTextEquals("rstrip"u8))
                ReadUnsupported("rstrip", ref unsupportedFlag);
            else
                _json.Skip();
        }

        if (id is null)
            throw Missing("id");
        if (content.TokenType != JsonTokenType.String)
            throw Missing("content");
        bool isRead = id < idLimit;
        token = isRead ? new AddedToken(_root.Path, id.Value, content.GetString()!, isSpecial, isNormalized, unsupportedFlag) : default;
        return isRead;
    }

    private int? ReadId()
    {
        _json.Read();
        return _json.TokenType == JsonTokenType.Null ? null
            : _json.TokenType == JsonTokenType.Number && _json.TryGetInt32(out int id) ? id
            : throw Fault(".id", "an integer");
    }

    // Returns a reader at the token's text. The text is converted to a string only when the token's id is known, because some tokens are skipped.
    private Utf8JsonReader ReadContent()
    {
        _json.Read();
        return _json.TokenType is JsonTokenType.Null or JsonTokenType.String ? _json : throw Fault(".content", "a string");
    }

    private bool ReadFlag(string name)
    {
        _json.Read();
        return _json.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False or JsonTokenType.Null => false,
            _ => throw Fault($".{name}", "true or false"),
        };
    }

    private void ReadUnsupported(string name, ref string? unsupportedFlag)
    {
        if (ReadFlag(name))
            unsupportedFlag ??= name;
    }

    private readonly ModelFormatException Fault(string member, string expected) =>
        _root.Fault(Invariant($"added_tokens[{_index}]{member}"), JsonFields.Describe(_json), $"it must be {expected}");

    private readonly ModelFormatException Missing(string member) =>
        _root.Missing(Invariant($"added_tokens[{_index}].{member}"));
}
