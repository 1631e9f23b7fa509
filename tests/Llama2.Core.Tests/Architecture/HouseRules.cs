using System.Text.RegularExpressions;

namespace Llama2.Tests.Architecture;

/// <summary>Rules for every source file of the projects.</summary>
internal static partial class HouseRules
{
    private const int MaxLineCount = 500;
    private const int MaxKernelLineCount = 400;

    // The folder Tensors repacks weights and passes references to the kernels. It may name the register types, but uses no pointers and no other intrinsics.
    private static readonly string[] s_lowLevelFolders = ["Memory", "Quantization", "Kernels", "Tensors"];

    // The only files that call native code: malloc_trim and madvise of the C library, which every process on GNU/Linux has loaded.
    private static readonly string[] s_nativeFiles = ["Memory/FreedMemory.cs", "Memory/LargePages.cs"];

    public static IEnumerable<string> FindFaults(Project project, SourceFile file)
    {
        if (!project.UsesMicrosoftExtensions && file.Code.Contains("Microsoft.Extensions", StringComparison.Ordinal))
            yield return $"{file.Path}: uses Microsoft.Extensions, which {project.Name} does without";

        string code = file.Room == "Kernels" ? Prefetch().Replace(file.Code, "") : file.Code;
        if (file.Room != "Memory" && UnsafeKeyword().IsMatch(code))
            yield return $"{file.Path}: is unsafe; pointers belong to Memory (and a tier's prefetch)";

        if (!s_lowLevelFolders.Contains(file.Room) && LowLevel().Match(file.Code) is { Success: true } match)
            yield return $"{file.Path}: uses {match.Value}, which belongs to {string.Join(", ", s_lowLevelFolders)}";

        if ((project != Project.Core || !s_nativeFiles.Contains(file.Path)) && NativeImport().Match(file.Code) is { Success: true } import)
            yield return $"{file.Path}: uses {import.Value}; no file calls native code, except Core's {string.Join(" and ", s_nativeFiles)}";

        string name = Path.GetFileName(file.Path).Split('.')[0];
        foreach (string type in file.TopLevelTypes.Where(type => type != name))
            yield return $"{file.Path}: declares {type}; a file declares one type, and is named after it";
        if (VagueName().IsMatch(name))
            yield return $"{file.Path}: names such as Utils, Helpers, Common and Manager do not say what a type is";

        int lineCount = file.Text.Count(character => character == '\n'), limit = file.Room == "Kernels" ? MaxKernelLineCount : MaxLineCount;
        if (lineCount > limit)
            yield return $"{file.Path}: has {lineCount} lines, more than {limit}";
    }

    [GeneratedRegex(@"static unsafe void (ITier<V>\.)?Prefetch(Near|Far)\(.*")]
    private static partial Regex Prefetch();

    [GeneratedRegex(@"\bunsafe\b")]
    private static partial Regex UnsafeKeyword();

    [GeneratedRegex(@"\bUnsafe\.|\bMemoryMarshal\b|System\.Runtime\.Intrinsics|\bVector(128|256|512)\b")]
    private static partial Regex LowLevel();

    [GeneratedRegex(@"\b(LibraryImport|DllImport)\b")]
    private static partial Regex NativeImport();

    [GeneratedRegex("(Util|Utils|Utilities|Helper|Helpers|Common|Manager)$")]
    private static partial Regex VagueName();
}
