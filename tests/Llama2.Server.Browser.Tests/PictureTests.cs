using Llama2.Server.Browser.Tests.Browsing;
using Llama2.Server.Browser.Tests.Models;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Llama2.Server.Browser.Tests;

/// <summary>
/// The pictures of the documentation, taken of the page as it is. They are written into the repository only if the environment variable
/// <c>LLAMA2_WRITE_PICTURES</c> is 1.
/// </summary>
[Collection(BrowserGroup.Name)]
public sealed class PictureTests(BrowserProcess browser)
{
    private const int MaxByteSize = 150_000;

    [BrowserFact]
    public async Task Story_OfTheDemonstrationModel()
    {
        await using PageServer server = await PageServer.StartAsync(services => services.AddLlama(Scripts.StorytellerPath));
        await using OpenPage page = await browser.OpenAsync(server);
        await page.SetAsync(("temperature", "0"));

        await page.AskAsync("What sound does a cow make?");
        await page.AskAsync("And where does a bear live?");
        await page.AskAsync("Tell me a short story about a rabbit.");

        await Expect(page.Answers.Last).ToContainTextAsync("happy ever after");
        await TakeAsync(page, "page-story.png");
    }

    [BrowserFact]
    public async Task Code_InDarkColours()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("A sieve marks what is not prime.", SampleAnswers.Markdown));
        await using OpenPage page = await browser.OpenAsync(server, new PageLook(IsDark: true));
        await page.AskAsync("What is a sieve?");
        await page.Page.Locator("#new-conversation").ClickAsync();

        await page.AskAsync("Write a prime sieve in C#.");

        await Expect(page.Answers.Locator("table")).ToBeVisibleAsync();
        // From the question on; the speed of a script is of no interest.
        await page.Page.EvaluateAsync("document.getElementById('scroller').scrollTop = 0");
        await TakeAsync(page, "page-code.png");
    }

    [BrowserFact]
    public async Task Greeting_OnAPhone()
    {
        await using PageServer server = await PageServer.StartAsync(services => services.AddLlama(Scripts.StorytellerPath));
        await using OpenPage page = await browser.OpenAsync(server, new PageLook(390, 844, Locale: "de-DE"));

        await Expect(page.Page.Locator(".greeting")).ToBeVisibleAsync();
        await TakeAsync(page, "page-phone.png");
    }

    private static async Task TakeAsync(OpenPage page, string name)
    {
        // Where the pointer is over nothing that would show it.
        await page.Page.Mouse.MoveAsync(page.Page.ViewportSize!.Width - 1, page.Page.ViewportSize.Height - 1);
        byte[] picture = await page.Page.ScreenshotAsync(new() { Animations = ScreenshotAnimations.Disabled, Caret = ScreenshotCaret.Hide });
        picture.Length.Should().BeLessThan(MaxByteSize);
        page.Faults.Should().BeEmpty();
        if (Environment.GetEnvironmentVariable("LLAMA2_WRITE_PICTURES") == "1")
            await File.WriteAllBytesAsync(RepositoryFiles.Committed("docs", "images", name), picture);
    }
}
