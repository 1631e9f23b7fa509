using Llama2.Templating.Characters;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Syntax;

/// <summary>
/// Splits a template into text and tags, and tags into tokens, one token at a time. White space around tags is removed as by jinja2's lexer with
/// <c>trim_blocks</c> and <c>lstrip_blocks</c>, if the dialect sets them: the first line break after a block tag, and the spaces between the beginning
/// of a line and a block tag. A <c>-</c> at the beginning or end of the tag removes all white space outside that end, and a <c>+</c> keeps it.
/// </summary>
internal sealed class Lexer(SourceText source, TemplateDialect dialect)
{
    private readonly string _text = source.Text;
    private readonly Queue<Token> _pending = new();
    private TagLexer? _tag;
    private int _offset;

    public Token Next()
    {
        while (true)
        {
            if (_pending.TryDequeue(out Token pending))
                return pending;
            if (_tag is not null)
                return ReadInTag();
            if (_offset >= _text.Length)
                return new Token(TokenKind.EndOfTemplate, "", _text.Length);
            ReadText();
        }
    }

    private Token ReadInTag()
    {
        Token token = _tag!.Next();
        _offset = _tag.Offset;
        if (token.Kind is TokenKind.OutputEnd or TokenKind.BlockEnd)
            _tag = null;
        return token;
    }

    private void ReadText()
    {
        int start = _offset, tag = FindTag(start);
        if (tag < 0)
        {
            EnqueueText(start, _text.Length);
            _offset = _text.Length;
            return;
        }

        char kind = _text[tag + 1];
        EnqueueText(start, EndOfText(start, tag, isOutput: kind == '{'));
        _offset = tag + (SignAt(tag + 2) == 0 ? 2 : 3);
        if (kind == '#')
        {
            SkipComment(tag);
        }
        else if (kind == '%' && RawBegin() is int bodyStart and >= 0)
        {
            ReadRaw(tag, bodyStart);
        }
        else
        {
            _pending.Enqueue(new Token(kind == '%' ? TokenKind.BlockBegin : TokenKind.OutputBegin, _text[tag.._offset], tag));
            _tag = new TagLexer(source, _offset, isBlock: kind == '%', dialect.TrimsBlocks);
        }
    }

    private int FindTag(int start)
    {
        for (int i = start; ; i++)
        {
            int found = _text.AsSpan(i).IndexOf('{');
            i += found;
            if (found < 0 || i + 1 >= _text.Length)
                return -1;
            if (_text[i + 1] is '{' or '%' or '#')
                return i;
        }
    }

    private char SignAt(int offset) => offset < _text.Length && _text[offset] is '-' or '+' ? _text[offset] : '\0';

    /// <summary>The end of the text before a tag, without the white space that the tag's sign or lstrip_blocks removes.</summary>
    private int EndOfText(int start, int tag, bool isOutput)
    {
        char sign = SignAt(tag + 2);
        int end = tag;
        while (end > start && PythonSpace.Is(_text[end - 1]) && (sign == '-' || _text[end - 1] != '\n'))
            end--;
        if (sign == '-')
            return end;

        bool startsLine = end == 0 || _text[end - 1] == '\n';
        return dialect.TrimsBlocks && sign == '\0' && !isOutput && startsLine ? end : tag;
    }

    private void EnqueueText(int start, int end)
    {
        if (end > start)
            _pending.Enqueue(new Token(TokenKind.Text, _text[start..end], start));
    }

    private void SkipComment(int tag)
    {
        int end = _text.IndexOf("#}", _offset, StringComparison.Ordinal);
        if (end < 0)
            throw source.Fault(tag, "a comment has no end", remedy: "close it with '#}'");
        char sign = end > _offset ? SignAt(end - 1) : '\0';
        _offset = TagLexer.SkipAfterTag(_text, end + 2, sign, trimsLineBreak: dialect.TrimsBlocks);
    }

    /// <summary>The beginning of the body if this tag is <c>raw</c>; otherwise -1.</summary>
    private int RawBegin()
    {
        int offset = MatchWord(_offset, "raw");
        if (offset < 0)
            return -1;
        char sign = SignAt(offset);
        int close = sign == '-' ? offset + 1 : offset;
        return IsAt(close, "%}") ? TagLexer.SkipAfterTag(_text, close + 2, sign, trimsLineBreak: false) : -1;
    }

    private void ReadRaw(int tag, int bodyStart)
    {
        for (int i = _text.IndexOf("{%", bodyStart, StringComparison.Ordinal); i >= 0; i = _text.IndexOf("{%", i + 2, StringComparison.Ordinal))
        {
            int offset = MatchWord(i + (SignAt(i + 2) == 0 ? 2 : 3), "endraw");
            if (offset < 0)
                continue;
            char sign = SignAt(offset);
            int close = sign == '\0' ? offset : offset + 1;
            if (!IsAt(close, "%}"))
                continue;

            EnqueueText(bodyStart, EndOfText(bodyStart, i, isOutput: false));
            _offset = TagLexer.SkipAfterTag(_text, close + 2, sign, trimsLineBreak: dialect.TrimsBlocks);
            return;
        }

        throw source.Fault(tag, "a raw block has no end", remedy: "close it with '{% endraw %}'");
    }

    /// <summary>The offset after a word with white space around it; -1 if the word does not come next.</summary>
    private int MatchWord(int offset, string word)
    {
        offset = SkipSpace(offset);
        return IsAt(offset, word) ? SkipSpace(offset + word.Length) : -1;
    }

    private int SkipSpace(int offset)
    {
        while (offset < _text.Length && PythonSpace.Is(_text[offset]))
            offset++;
        return offset;
    }

    private bool IsAt(int offset, string word) => _text.AsSpan(Math.Min(offset, _text.Length)).StartsWith(word, StringComparison.Ordinal);
}
