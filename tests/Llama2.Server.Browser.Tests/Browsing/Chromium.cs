namespace Llama2.Server.Browser.Tests.Browsing;

/// <summary>Finds the Chromium of this machine. Playwright's own browsers are not used: they would have to be downloaded.</summary>
internal static class Chromium
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe", "msedge.exe"];

    /// <summary>Why tests are skipped; null if there is a browser.</summary>
    public static string? Absence => Path is null ? "needs Chromium: install it so that it is found in PATH (Debian: apt-get install chromium)" : null;

    /// <summary>The program; null if there is none in PATH.</summary>
    public static string? Path { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
        .Where(folder => folder.Length > 0)
        .SelectMany(_ => s_names, (folder, name) => System.IO.Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    // Without a sandbox, because tests often run as root in a container, where Chromium has none; and without what would connect to other servers.
    public static string[] Arguments { get; } =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];
}
