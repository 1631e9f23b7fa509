using System.Text.RegularExpressions;

namespace Llama2.Tests.Architecture;

/// <summary>One C# source file as text, which is enough to find out what it uses.</summary>
internal sealed partial class SourceFile
{
    private HashSet<string>? _words;

    /// <param name="path">The path relative to the project's folder, with slashes.</param>
    /// <param name="text">The whole text.</param>
    public SourceFile(string path, string text)
    {
        Path = path;
        Text = text;
        Code = CommentsAndStrings().Replace(text, match => match.Value[0] == '/' ? " " : "\"\"");
        Literals = [.. CommentsAndStrings().Matches(text).Select(match => match.Value).Where(value => value[0] != '/')];
    }

    public string Path { get; }

    public string Text { get; }

    /// <summary>The text without comments and without the contents of strings.</summary>
    public string Code { get; }

    /// <summary>The string and character literals of the code, as they are written.</summary>
    public IReadOnlyList<string> Literals { get; }

    /// <summary>The first folder of the path, which is the file's room; empty for the root.</summary>
    public string Room => Path.Contains('/') ? Path[..Path.IndexOf('/')] : "";

    /// <summary>Whether the file declares a public type.</summary>
    public bool IsFace => PublicType().IsMatch(Code);

    public string? Namespace => NamespaceDeclaration().Match(Code) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>The types that are declared in the first column, that is, those that are not nested.</summary>
    public IEnumerable<string> TopLevelTypes => TypeDeclaration().Matches(Code).Select(match => match.Groups[1].Value);

    /// <summary>The folders that contain the file, from the project's folder on.</summary>
    public string[] Folders => Path.Split('/')[..^1];

    /// <summary>The namespace of internal types: the project's namespace followed by the folders.</summary>
    public string NamespaceIn(Project project) => string.Join('.', [project.Namespace, .. Folders]);

    /// <summary>The dotted names in using directives and code, as they are written.</summary>
    public IEnumerable<string> QualifiedNames => QualifiedName().Matches(Code).Select(match => match.Groups[1].Value).Distinct();

    /// <summary>Whether the code names a type elsewhere than in <c>nameof</c>.</summary>
    public bool Mentions(string type) => (_words ??= [.. Word().Matches(Code).Select(match => match.Value)]).Contains(type);

    [GeneratedRegex("""
        //[^\n]* | /\*.*?\*/ | '(\\.|[^'\\\n])+' | \$*"{3,}.*?"{3,} | (\$?@|@\$)"(""|[^"])*" | \$?"(\\.|[^"\\\n])*"
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentsAndStrings();

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(@"^(?:\[[^\]\n]*\]\s*)?(?:(?:public|internal|file|static|sealed|abstract|partial|readonly|ref|unsafe)\s+)*(?:class|struct|interface|enum|record(?:\s+(?:class|struct))?|delegate\s+[\w<>?\[\],. ]+?)\s+(\w+)\s*[<(:{;\r\n]", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"(?<![\w.]|namespace )(?:global::)?(\w+(?:\.[A-Z]\w*)+)")]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"(?<!nameof\(|\.)\b\w+\b")]
    private static partial Regex Word();

    [GeneratedRegex(@"^public\s+(?:static\s+|sealed\s+|abstract\s+|partial\s+|readonly\s+|ref\s+)*(?:class|struct|interface|enum|record|delegate)\b", RegexOptions.Multiline)]
    private static partial Regex PublicType();
}
