using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Llama2.Server.Page;
using Llama2.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Llama2.Server.Tests.Page;

public sealed partial class PageEndpointsTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private static readonly string s_folder = RepositoryFiles.Committed("src", "Llama2.Server", "Page", "Files");
    private readonly HttpClient _client = storyteller.Server.Client;

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(s_folder).Select(path => Path.GetFileName(path)).Where(name => !name.EndsWith(".d.ts", StringComparison.Ordinal))];

    [Fact]
    public async Task Get_Root_IsThePage()
    {
        using HttpResponseMessage answer = await _client.GetAsync(Address("/"));

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().Should().Be("text/html; charset=utf-8");
        (await answer.Content.ReadAsStringAsync()).Should().Be(await File.ReadAllTextAsync(Path.Combine(s_folder, "index.html")));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Get_File_HasItsBytesItsTypeAndThePolicy(string name)
    {
        using HttpResponseMessage answer = await _client.GetAsync(Address($"/page/{name}"));

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        (await answer.Content.ReadAsByteArrayAsync()).Should().Equal(await File.ReadAllBytesAsync(Path.Combine(s_folder, name)));
        answer.Content.Headers.ContentType!.MediaType.Should().Be(
            new Dictionary<string, string> { [".html"] = "text/html", [".css"] = "text/css", [".js"] = "text/javascript", [".svg"] = "image/svg+xml" }[Path.GetExtension(name)]);
        Header(answer, "Content-Security-Policy").Should().Be(PageEndpoints.Policy);
        Header(answer, "X-Content-Type-Options").Should().Be("nosniff");
        Header(answer, "Referrer-Policy").Should().Be("no-referrer");
        Header(answer, "Cache-Control").Should().Be("no-cache");
    }

    [Fact]
    public void Policy_AllowsNothingButTheServersOwnFilesAndRequests()
    {
        Dictionary<string, string> directives = PageEndpoints.Policy.Split("; ").ToDictionary(part => part.Split(' ')[0], part => part[(part.IndexOf(' ', StringComparison.Ordinal) + 1)..]);

        directives["default-src"].Should().Be("'none'");
        directives.Where(directive => directive.Key.EndsWith("-src", StringComparison.Ordinal) && directive.Key != "default-src").Should().OnlyContain(directive => directive.Value == "'self'");
        directives["require-trusted-types-for"].Should().Be("'script'");
        new[] { "base-uri", "form-action", "frame-ancestors", "trusted-types" }.Should().OnlyContain(name => directives[name] == "'none'");
    }

    // What the policy forbids would not work, and an address of another server would tell it who uses the page.
    [Theory]
    [MemberData(nameof(Files))]
    public async Task File_HasNoInlineCodeAndNoOutsideAddress(string name)
    {
        string text = await File.ReadAllTextAsync(Path.Combine(s_folder, name));

        InlineCode().Matches(name.EndsWith(".html", StringComparison.Ordinal) ? text : "").Should().BeEmpty();
        MarkupMaking().Matches(name.EndsWith(".js", StringComparison.Ordinal) ? text : "").Should().BeEmpty();
        OutsideAddress().Matches(text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public async Task Page_EveryAddressOfAFile_IsAnswered()
    {
        string[] addresses = [
            .. FileAddress().Matches(await _client.GetStringAsync(Address("/"))).Select(match => match.Groups[1].Value),
            .. Directory.EnumerateFiles(s_folder, "*.js").SelectMany(path => ModuleAddress().Matches(File.ReadAllText(path))).Select(match => $"page/{match.Groups[1].Value}").Distinct(),
        ];

        addresses.Should().HaveCountGreaterThan(20);
        foreach (string address in addresses)
            (await _client.GetAsync(Address($"/{address}"))).StatusCode.Should().Be(HttpStatusCode.OK, address);
    }

    [Fact]
    public async Task Page_EveryModule_IsLoadedAtOnce()
    {
        IEnumerable<string> modules = Directory.EnumerateFiles(s_folder, "*.js").Select(path => Path.GetFileName(path)).Except(["theme.js", "main.js"]);

        string page = await _client.GetStringAsync(Address("/"));

        Preload().Matches(page).Select(match => match.Groups[1].Value).Should().BeEquivalentTo(modules);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Get_SameEntityTag_IsNotModified(string? coding)
    {
        using HttpResponseMessage first = await SendAsync(HttpMethod.Get, "/page/main.js", coding);
        using HttpResponseMessage second = await SendAsync(HttpMethod.Get, "/page/main.js", coding, first.Headers.ETag!.ToString());
        using HttpResponseMessage other = await SendAsync(HttpMethod.Get, "/page/main.js", coding, "\"another\"");

        second.StatusCode.Should().Be(HttpStatusCode.NotModified);
        (await second.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
        other.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Get_AcceptedCodings_AreUsedAndHaveTagsOfTheirOwn()
    {
        byte[] content = await File.ReadAllBytesAsync(Path.Combine(s_folder, "main.js"));
        using HttpResponseMessage plain = await SendAsync(HttpMethod.Get, "/page/main.js", null), brotli = await SendAsync(HttpMethod.Get, "/page/main.js", "gzip, br"),
            gzip = await SendAsync(HttpMethod.Get, "/page/main.js", "gzip, br;q=0");

        new[] { plain, brotli, gzip }.Select(answer => answer.Headers.ETag!.Tag).Should().OnlyHaveUniqueItems();
        new[] { plain, brotli, gzip }.Should().OnlyContain(answer => Header(answer, "Vary") == "Accept-Encoding");
        Header(brotli, "Content-Encoding").Should().Be("br");
        Header(gzip, "Content-Encoding").Should().Be("gzip");
        (await ReadAsync(brotli, stream => new BrotliStream(stream, CompressionMode.Decompress))).Should().Equal(content);
        (await ReadAsync(gzip, stream => new GZipStream(stream, CompressionMode.Decompress))).Should().Equal(content);
        brotli.Content.Headers.ContentLength.Should().BeLessThan(content.Length / 2);
    }

    [Fact]
    public async Task Head_File_HasNoBody()
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Head, "/page/main.js", null);

        answer.Content.Headers.ContentLength.Should().Be(new FileInfo(Path.Combine(s_folder, "main.js")).Length);
        (await answer.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }

    [Theory]
    [InlineData("/page/none.js")]
    [InlineData("/page/types.d.ts")]
    [InlineData("/page/..%2Findex.html")]
    public async Task Get_UnknownFile_IsNotFound(string path) => (await _client.GetAsync(Address(path))).StatusCode.Should().Be(HttpStatusCode.NotFound);

    [Fact]
    public async Task Get_Defaults_AreThoseOfTheOptions()
    {
        var options = new LlamaServerOptions { Generation = new GenerationOptions { Temperature = 0.25f, MaxTokens = 77, StopSequences = ["end"] } };
        await using LocalServer server = await LocalServer.StartAsync(services => services.AddLlama(DemonstrationModel.Path), options);

        JsonElement defaults = JsonElement.Parse(await server.Client.GetStringAsync(Address("/page/defaults.json")));

        defaults.GetRawText().Should().Be("""{"temperature":0.25,"topP":0.95,"frequencyPenalty":0,"presencePenalty":0,"maxTokens":77,"seed":null,"stop":["end"]}""");
    }

    [Fact]
    public async Task ServePage_False_HasNoPage()
    {
        await using LocalServer server = await LocalServer.StartAsync(services => services.AddLlama(DemonstrationModel.Path), new LlamaServerOptions { ServePage = false });

        (await server.Client.GetAsync(Address("/"))).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await server.Client.GetAsync(Address("/page/main.js"))).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await server.Client.GetAsync(Address("/v1/models"))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Get_RootOfAnApplicationWithAnEndpointThere_IsTheApplications()
    {
        await using LocalServer server = await LocalServer.StartAsync(
            services => services.AddLlama(DemonstrationModel.Path), map: application => application.MapGet("/", () => Results.Text("mine")));

        (await server.Client.GetStringAsync(Address("/"))).Should().Be("mine");
    }

    [Fact]
    public async Task Get_GroupWithoutTheLastSlash_LeadsToThePage()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddLlama(DemonstrationModel.Path);
        await using WebApplication application = builder.Build();
        application.MapGroup("/some/llama").MapLlama();
        await application.StartAsync();
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(application.Urls.Single()) };

        using HttpResponseMessage answer = await client.GetAsync(Address("/some/llama"));

        // Relative, so that a prefix that only a proxy knows stays.
        (answer.StatusCode, answer.Headers.Location!.ToString()).Should().Be((HttpStatusCode.Redirect, "llama/"));
        (await client.GetAsync(Address("/some/llama/"))).StatusCode.Should().Be(HttpStatusCode.OK);
        (await client.GetAsync(Address("/some/llama/page/main.js"))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? coding, string? tag = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (coding is not null)
            request.Headers.TryAddWithoutValidation("Accept-Encoding", coding);
        if (tag is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        return await _client.SendAsync(request);
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage answer, Func<Stream, Stream> decompress)
    {
        using var whole = new MemoryStream();
        await using Stream stream = decompress(await answer.Content.ReadAsStreamAsync());
        await stream.CopyToAsync(whole);
        return whole.ToArray();
    }

    private static Uri Address(string path) => new(path, UriKind.Relative);

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    [GeneratedRegex(@"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", RegexOptions.IgnoreCase)]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|createContextualFragment")]
    private static partial Regex MarkupMaking();

    [GeneratedRegex(@"https?://[a-z0-9]", RegexOptions.IgnoreCase)]
    private static partial Regex OutsideAddress();

    [GeneratedRegex("(?:href|src)=\"(page/[^\"]+)\"")]
    private static partial Regex FileAddress();

    [GeneratedRegex("<link rel=\"modulepreload\" href=\"page/([^\"]+)\">")]
    private static partial Regex Preload();

    [GeneratedRegex("from \"\\./([^\"]+\\.js)\"")]
    private static partial Regex ModuleAddress();
}
