using Llama2.Templating.Limits;

namespace Llama2.Templating.Syntax;

/// <summary>The text that a template itself may write: the text outside its tags, and the strings in its tags.</summary>
internal static class TemplateLiterals
{
    /// <exception cref="PromptTemplateException">The template is malformed.</exception>
    public static IEnumerable<string> Of(string source)
    {
        for (var tokens = new TokenStream(new SourceText(source), TemplateDialect.Chat); tokens.Current.Kind != TokenKind.EndOfTemplate; tokens.Take())
        {
            if (tokens.Current.Kind is TokenKind.Text or TokenKind.String)
                yield return tokens.Current.Text;
        }
    }
}
