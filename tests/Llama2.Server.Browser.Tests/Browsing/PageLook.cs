namespace Llama2.Server.Browser.Tests.Browsing;

/// <summary>The size of the page in CSS pixels, its colours, and the browser's language.</summary>
public sealed record PageLook(int Width = 1280, int Height = 800, bool IsDark = false, string Locale = "en-US");
