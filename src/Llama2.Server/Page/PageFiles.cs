using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;

namespace Llama2.Server.Page;

/// <summary>The files of the page, which are embedded in the assembly, and <c>defaults.json</c>. Immutable.</summary>
internal sealed class PageFiles
{
    /// <summary>The page itself.</summary>
    public const string IndexName = "index.html";

    private const string DefaultsName = "defaults.json";
    private const string Folder = "Page/";
    private readonly FrozenDictionary<string, PageFile> _files;

    /// <param name="options">The options, whose sampling defaults the page shows.</param>
    public PageFiles(LlamaServerOptions options)
    {
        Assembly assembly = typeof(PageFiles).Assembly;
        Dictionary<string, PageFile> files = [];
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            files.Add(name[Folder.Length..], new PageFile(TypeOf(name), content));
        }

        byte[] defaults = JsonSerializer.SerializeToUtf8Bytes(PageDefaults.Of(options.Generation), PageJson.Default.PageDefaults);
        files.Add(DefaultsName, new PageFile("application/json; charset=utf-8", defaults));
        _files = files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Finds a file by its name; null if the page has none of that name.</summary>
    public PageFile? Find(string name) => _files.GetValueOrDefault(name);

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        string other => throw new InvalidOperationException($"The page has the file '{name}', and no media type is known for '{other}'."),
    };
}
