namespace Llama2.Server.Browser.Tests.Browsing;

/// <summary>The tests that share the browser; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserGroup : ICollectionFixture<BrowserProcess>
{
    public const string Name = "browser";
}
