using System.Security.Cryptography;
using System.Text;

namespace Llama2.Evaluation.Reports.Pages;

/// <summary>
/// The frame around the content of a page. The page has no script and loads nothing: its policy allows only the style that is part of it.
/// </summary>
internal static class PageFrame
{
    private static readonly Lazy<string> s_style = new(ReadStyle);

    public static void Write(TextWriter output, string title, Action<PageWriter> writeContent)
    {
        string style = s_style.Value;
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        var page = new PageWriter(output);
        page.Add($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <title>{title}</title>
            <style>
            """);
        page.AddMarkup(style);
        page.AddMarkup("</style>\n</head>\n<body>\n");
        writeContent(page);
        page.AddMarkup("</body>\n</html>\n");
    }

    private static string ReadStyle()
    {
        using Stream stream = typeof(PageFrame).Assembly.GetManifestResourceStream("Llama2.Evaluation.Reports.Pages.report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
