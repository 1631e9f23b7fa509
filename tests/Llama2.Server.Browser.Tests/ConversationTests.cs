using System.Text.Json;
using Llama2.Server.Browser.Tests.Browsing;
using Llama2.Server.Browser.Tests.Models;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Llama2.Server.Browser.Tests;

[Collection(BrowserGroup.Name)]
public sealed class ConversationTests(BrowserProcess browser)
{
    [BrowserFact]
    public async Task Reload_Conversations_AreStillThere()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Moo.", "Quack."));
        await using OpenPage page = await browser.OpenAsync(server);
        await page.AskAsync("What does a cow say?");
        await page.Page.Keyboard.PressAsync("Control+Shift+O");
        await page.AskAsync("What does a duck say?");

        await page.ReloadAsync();

        await Expect(page.Conversations).ToHaveTextAsync(["What does a duck say?", "What does a cow say?"]);
        await page.Conversations.Last.ClickAsync();
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("Moo.");
        await Expect(page.Conversations.Last).ToHaveAttributeAsync("aria-current", "page");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Rename_Conversation_ChangesItsTitle()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Moo."));
        await using OpenPage page = await browser.OpenAsync(server);
        await page.AskAsync("What does a cow say?");

        await RenameAsync(page, "What does a cow say?", "Cows");

        await Expect(page.Conversations).ToHaveTextAsync(["Cows"]);
        await Expect(page.Conversations).ToBeFocusedAsync();
        await Expect(page.Page.Locator("#title")).ToHaveTextAsync("Cows");
        await Expect(page.Page).ToHaveTitleAsync("Cows – Llama2");
        page.Faults.Should().BeEmpty();
    }

    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rename_ConversationWhoseAnswerIsBeingWritten_KeepsTheTitleAndTheAnswer(bool isShown)
    {
        using var model = new GatedModel(Scripts.Of("One two three four."));
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.SendAsync("Count.");
        model.Release(2);
        await Expect(page.Answers.Locator(".answer")).ToContainTextAsync("One");
        if (!isShown)
            await page.Page.Locator("#new-conversation").ClickAsync();

        await RenameAsync(page, "Count.", "Numbers");
        await Expect(page.Conversations).ToHaveTextAsync(["Numbers"]);
        model.Release(100);
        await model.Ended;
        await page.Conversations.ClickAsync();
        await page.DoneAsync();

        await Expect(page.Page.Locator("#title")).ToHaveTextAsync("Numbers");
        await page.ReloadAsync();
        await page.Conversations.ClickAsync();
        await Expect(page.Page.Locator("#title")).ToHaveTextAsync("Numbers");
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("One two three four.");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Delete_Conversation_CanBeUndone()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Moo."));
        await using OpenPage page = await browser.OpenAsync(server);
        await page.AskAsync("What does a cow say?");

        await OpenMenuAsync(page, "What does a cow say?");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.Conversations).ToHaveCountAsync(0);
        await Expect(page.Answers).ToHaveCountAsync(0);
        await page.Page.Locator("#notices").GetByText("Undo").ClickAsync();

        await Expect(page.Conversations).ToHaveCountAsync(1);
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("Moo.");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Delete_ConversationWhoseAnswerIsBeingWritten_StaysDeleted()
    {
        using var model = new GatedModel(Scripts.Of("One two three four."));
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.SendAsync("Count.");
        model.Release(2);
        await Expect(page.Answers.Locator(".answer")).ToContainTextAsync("One");

        await OpenMenuAsync(page, "Count.");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await model.Ended;

        await Expect(page.Conversations).ToHaveCountAsync(0);
        await page.ReloadAsync();
        await Expect(page.Conversations).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Search_TextOfAnAnswer_FindsItsConversation()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("The cow says moo.", "The duck says quack."));
        await using OpenPage page = await browser.OpenAsync(server);
        await page.AskAsync("First?");
        await page.Page.Locator("#new-conversation").ClickAsync();
        await page.AskAsync("Second?");

        await page.Page.Keyboard.PressAsync("Control+K");
        await Expect(page.Page.Locator("#search")).ToBeFocusedAsync();
        await page.Page.Keyboard.InsertTextAsync("MOO");
        await Expect(page.Conversations).ToHaveTextAsync(["First?"]);
        await page.Page.Locator("#search").FillAsync("bear");

        await Expect(page.Conversations).ToHaveCountAsync(0);
        await Expect(page.Page.Locator("#list-note")).ToHaveTextAsync("No conversation contains this text.");
    }

    [BrowserFact]
    public async Task Export_AndImport_GiveTheSameConversationsWithTheirBranches()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("First answer.", "Second answer."));
        await using OpenPage page = await browser.OpenAsync(server);
        await page.AskAsync("Well?");
        await OpenPage.Button(page.Answers, "Answer again").ClickAsync();
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("Second answer.");
        await page.DoneAsync();

        IDownload download = await page.Page.RunAndWaitForDownloadAsync(() => page.Page.Locator("#export-all").ClickAsync());
        byte[] exported = await File.ReadAllBytesAsync(await download.PathAsync());
        download.SuggestedFilename.Should().MatchRegex(@"^llama2-conversations-\d{4}-\d\d-\d\d\.json$");
        JsonElement.Parse(exported).GetProperty("conversations").GetArrayLength().Should().Be(1);
        await using OpenPage other = await browser.OpenAsync(server);
        await other.Page.Locator("#import-file").SetInputFilesAsync(new FilePayload { Name = "a.json", MimeType = "application/json", Buffer = exported });

        await Expect(other.Page.Locator("#notices")).ToContainTextAsync("Imported conversations: 1.");
        await other.Conversations.ClickAsync();
        await Expect(other.Answers.Locator(".answer")).ToHaveTextAsync("Second answer.");
        await OpenPage.Button(other.Answers, "Previous version").ClickAsync();
        await Expect(other.Answers.Locator(".answer")).ToHaveTextAsync("First answer.");
        other.Faults.Should().BeEmpty();
    }

    [BrowserTheory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"format": "llama2-conversations", "version": 2, "conversations": []}""")]
    [InlineData("""{"format": "llama2-conversations", "version": 1, "conversations": [null]}""")]
    // A message whose parent comes after it could be its own ancestor.
    [InlineData("""{"format": "llama2-conversations", "version": 1, "conversations": [{"messages": [{"id": "a", "parent": "b", "role": "user"}, {"id": "b", "parent": "a", "role": "user"}]}]}""")]
    [InlineData("""{"format": "llama2-conversations", "version": 1, "conversations": [{"messages": [{"id": "a", "parent": "", "role": "user"}, {"id": "a", "parent": "", "role": "user"}]}]}""")]
    public async Task Import_FileOfAnotherKind_IsRefused(string text)
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Yes."));
        await using OpenPage page = await browser.OpenAsync(server);

        await page.Page.Locator("#import-file").SetInputFilesAsync(new FilePayload { Name = "a.json", MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(text) });

        await Expect(page.Page.Locator("#notices")).ToContainTextAsync("This file has no conversations of this page");
        await Expect(page.Conversations).ToHaveCountAsync(0);
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Import_FieldsOfOtherTypes_AreTextOrLeftOut()
    {
        const string Text = """
            {"format": "llama2-conversations", "version": 1, "conversations": [{"id": "__proto__", "title": "<img src=x onerror=alert(1)>", "settings": {"temperature": "hot", "stop": 7},
              "selected": {"__proto__": "a", "": "a"}, "messages": [{"id": "a", "parent": "", "role": "user", "content": "<script>alert(1)</script>", "calls": {}},
              {"id": "constructor", "parent": "a", "role": "assistant", "content": {"toString": 1}, "figures": [], "failure": {"kind": "x"}}]}]}
            """;
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Yes."));
        await using OpenPage page = await browser.OpenAsync(server);
        await page.Page.Locator("#import-file").SetInputFilesAsync(new FilePayload { Name = "a.json", MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(Text) });

        await page.Conversations.ClickAsync();

        await Expect(page.Page.Locator("#title")).ToHaveTextAsync("<img src=x onerror=alert(1)>");
        await Expect(page.Questions.Locator(".plain")).ToHaveTextAsync("<script>alert(1)</script>");
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task UseForNew_Settings_AreThoseOfNewConversations()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Yes."));
        await using OpenPage page = await browser.OpenAsync(server);
        await page.Page.Locator("#open-settings").ClickAsync();
        await page.Page.Locator("#system").FillAsync("Be brief.");
        await page.Page.Locator("#use-for-new").ClickAsync();
        await Expect(page.Page.Locator("#used-for-new")).ToHaveTextAsync("New conversations will begin with these settings.");

        await page.ReloadAsync();

        await page.Page.Locator("#open-settings").ClickAsync();
        await Expect(page.Page.Locator("#system")).ToHaveValueAsync("Be brief.");
    }

    private static async Task RenameAsync(OpenPage page, string title, string newTitle)
    {
        await OpenMenuAsync(page, title);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        await page.Page.GetByLabel("New title").FillAsync(newTitle);
        await page.Page.GetByLabel("New title").PressAsync("Enter");
    }

    private static async Task OpenMenuAsync(OpenPage page, string title)
    {
        await page.Conversations.First.HoverAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = $"Actions for “{title}”" }).ClickAsync();
    }
}
