namespace Llama2.Server.Browser.Tests.Browsing;

/// <summary>A test that needs a browser; skipped where there is none.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Chromium.Absence;
}
