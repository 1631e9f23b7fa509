namespace Llama2.Templating.Syntax;

/// <summary>A token of a template.</summary>
/// <param name="Kind">The kind of the token.</param>
/// <param name="Text">The token's text; for a string, its content.</param>
/// <param name="Offset">The offset of the token's start in the template.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Offset)
{
    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    public bool IsOperator(string symbol) => Kind == TokenKind.Operator && Text == symbol;

    /// <summary>The description of the token in messages.</summary>
    public string Description => Kind switch
    {
        TokenKind.EndOfTemplate => "the end of the template",
        TokenKind.OutputEnd => "'}}'",
        TokenKind.BlockEnd => "'%}'",
        TokenKind.String => "a string",
        _ => $"'{(Text.Length <= 40 ? Text : Text[..40] + "…")}'",
    };
}
