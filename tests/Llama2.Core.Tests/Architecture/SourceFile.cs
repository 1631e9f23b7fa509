using System.Text.RegularExpressions;

namespace Llama2.Tests.Architecture;

/// <summary>One C# file, as text: enough to see what it uses.</summary>
internal sealed partial class SourceFile
{
    /// <param name="path">Relative to the project's folder, with slashes.</param>
    /// <param name="text">The whole text.</param>
    public SourceFile(string path, string text)
    {
        Path = path;
        Text = text;
        Code = CommentsAndStrings().Replace(text, match => match.Value[0] == '/' ? " " : "\"\"");
    }

    public string Path { get; }

    public string Text { get; }

    /// <summary>The text without comments and what strings say.</summary>
    public string Code { get; }

    /// <summary>The first folder of the path: a room of the house; empty for the root.</summary>
    public string Folder => Path.Contains('/') ? Path[..Path.IndexOf('/')] : "";

    /// <summary>The namespace that the path asks for.</summary>
    public string ExpectedNamespace => string.Join('.', ["Llama2", .. Path.Split('/')[..^1]]);

    public string? Namespace => NamespaceDeclaration().Match(Code) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>Types that begin in the first column: those that are not nested.</summary>
    public IEnumerable<string> TopLevelTypes => TypeDeclaration().Matches(Code).Select(match => match.Groups[1].Value);

    /// <summary>The folders that usings and qualified names mention.</summary>
    public IEnumerable<string> UsedFolders =>
        FolderMention().Matches(Code).Select(match => match.Groups[1].Value + match.Groups[2].Value).Where(Layers.Numbers.ContainsKey).Distinct();

    /// <summary>Whether the code names a type, other than by <c>nameof</c>.</summary>
    public bool Mentions(string type) => Regex.IsMatch(Code, $@"(?<!nameof\(|\.)\b{type}\b");

    [GeneratedRegex("""
        //[^\n]* | /\*.*?\*/ | '(\\.|[^'\\\n])+' | \$*"{3,}.*?"{3,} | (\$?@|@\$)"(""|[^"])*" | \$?"(\\.|[^"\\\n])*"
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentsAndStrings();

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(@"^(?:\[[^\]\n]*\]\s*)?(?:(?:public|internal|file|static|sealed|abstract|partial|readonly|ref|unsafe)\s+)*(?:class|struct|interface|enum|record(?:\s+(?:class|struct))?|delegate\s+[\w<>?\[\],. ]+?)\s+(\w+)\s*[<(:{;\r\n]", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    // Llama2.Model.Batch and Model.Batch, but not x.Model.Batch; a namespace's own name ends with its line.
    [GeneratedRegex(@"(?<![\w.]|namespace )(?:global::)?(?:Llama2\.(\w+)|(\w+)(?=\.[A-Z]))")]
    private static partial Regex FolderMention();
}
