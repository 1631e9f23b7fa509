namespace Llama2.Templating.Syntax;

/// <summary>The kind of a token.</summary>
internal enum TokenKind
{
    /// <summary>Text outside of tags.</summary>
    Text,
    OutputBegin,
    OutputEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String,
    Integer,
    Double,
    Operator,
    EndOfTemplate,
}
