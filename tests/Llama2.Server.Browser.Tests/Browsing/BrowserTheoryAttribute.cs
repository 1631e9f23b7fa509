namespace Llama2.Server.Browser.Tests.Browsing;

/// <summary>A theory that needs a browser; skipped where there is none.</summary>
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Chromium.Absence;
}
