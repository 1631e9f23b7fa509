using Llama2.Extensions.Tests;
using Llama2.Server.Browser.Tests.Browsing;
using Llama2.Server.Browser.Tests.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Llama2.Server.Browser.Tests;

[Collection(BrowserGroup.Name)]
public sealed class ChatTests(BrowserProcess browser)
{
    [BrowserFact]
    public async Task Send_QuestionToTheDemonstrationModel_ShowsItsAnswerAndTheFigures()
    {
        await using PageServer server = await PageServer.StartAsync(services => services.AddLlama(Scripts.StorytellerPath));
        await using OpenPage page = await browser.OpenAsync(server);

        await page.SetAsync(("temperature", "0"));
        await page.AskAsync("What sound does a cow make?");

        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("The cow says moo.");
        await Expect(page.Page.Locator("#title")).ToHaveTextAsync("What sound does a cow make?");
        (await page.Answers.Locator(".figures").InnerTextAsync())
            .Should().MatchRegex(@"^\d+ tokens · (–|[\d,.]+) tokens per second · first token after [\d.,]+ (ms|s) · prompt: \d+ tokens, \d+ of them known$");
        LocatorBoundingBoxResult icons = (await page.Answers.Locator(".message-actions").BoundingBoxAsync())!, figures = (await page.Answers.Locator(".figures").BoundingBoxAsync())!;
        figures.Y.Should().BeGreaterThanOrEqualTo(icons.Y + icons.Height);
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Open_NoConversation_SaysWhichModelAnswersAndOffersQuestions()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Moo."));
        await using OpenPage page = await browser.OpenAsync(server);

        await Expect(page.Page.Locator(".greeting-about strong")).ToHaveTextAsync("script");
        await Expect(page.Message).ToBeFocusedAsync();
        await page.Page.Locator(".example").First.ClickAsync();

        await Expect(page.Questions.Locator(".plain")).ToHaveTextAsync("Explain in three sentences what a language model is.");
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("Moo.");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Open_DemonstrationModelInGerman_OffersTheEnglishQuestionsThatItKnows()
    {
        await using PageServer server = await PageServer.StartAsync(services => services.AddLlama(Scripts.StorytellerPath));
        await using OpenPage page = await browser.OpenAsync(server, new PageLook(Locale: "de-DE"));

        await Expect(page.Page.Locator(".example")).ToHaveTextAsync(
            ["What sound does a cow make?", "Tell me a short story about a rabbit.", "Where does a bear live?", "What sound does a duck make?"]);
        await Expect(page.Page.Locator(".greeting-note")).ToContainTextAsync("nur auf Englisch");
        await page.SetAsync(("temperature", "0"));
        await page.Page.Locator(".example").Last.ClickAsync();

        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("The duck says quack.");
        page.Faults.Should().BeEmpty();
    }

    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_AnswerBeingWritten_KeepsItsTextAndEndsTheGeneration(bool byKey)
    {
        using var model = new GatedModel(Scripts.Of("One two three four five six seven eight."));
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);

        await page.SendAsync("Count.");
        model.Release(3);
        await Expect(page.Answers.Locator(".answer")).ToContainTextAsync("One");
        await Expect(page.Page.Locator("#send")).ToBeHiddenAsync();
        if (byKey)
            await page.Message.PressAsync("Escape");
        else
            await page.Page.Locator("#stop-answer").ClickAsync();

        await Expect(page.Answers.Locator(".finish-note")).ToHaveTextAsync("You stopped this answer.");
        await Expect(page.Answers.Locator(".answer")).ToContainTextAsync("One");
        await Expect(page.Answers.Locator(".answer")).Not.ToContainTextAsync("eight");
        await Expect(page.Message).ToBeFocusedAsync();
        await model.Ended;
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Again_Answer_MakesABranch_AndTheArrowsSwitch()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("First answer.", "Second answer."));
        await using OpenPage page = await browser.OpenAsync(server);
        await page.AskAsync("Well?");

        await OpenPage.Button(page.Answers, "Answer again").ClickAsync();

        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("Second answer.");
        await Expect(page.Answers.Locator(".branch-place")).ToHaveTextAsync("2 / 2");
        await OpenPage.Button(page.Answers, "Previous version").PressAsync("Enter");
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("First answer.");
        await Expect(page.Answers.Locator(".branch-place")).ToHaveTextAsync("1 / 2");
        // At the first version the arrow 'Previous version' is disabled, so the other arrow has the focus.
        await Expect(OpenPage.Button(page.Answers, "Next version")).ToBeFocusedAsync();
        await page.ReloadAsync();
        await page.Conversations.First.ClickAsync();
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("First answer.");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Edit_EarlierMessage_MakesABranch_AndTheOldOneIsKept()
    {
        using PromptRecorder model = Scripts.Of("About cows.", "More of cows.", "About bears.");
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.AskAsync("Tell me of cows");
        await page.AskAsync("And more");

        await page.Questions.First.HoverAsync();
        await OpenPage.Button(page.Questions.First, "Edit").ClickAsync();
        await page.Questions.First.Locator("textarea").FillAsync("Tell me of bears");
        await page.Questions.First.Locator("textarea").PressAsync("Enter");

        await Expect(page.Answers).ToHaveTextAsync([new System.Text.RegularExpressions.Regex("About bears.")]);
        await Expect(page.Questions.Locator(".branch-place")).ToHaveTextAsync("2 / 2");
        Scripts.PromptOf(model, 2).Should().Contain("Tell me of bears").And.NotContain("cows");
        await OpenPage.Button(page.Questions, "Previous version").ClickAsync();
        await Expect(page.Answers).ToHaveCountAsync(2);
        await Expect(page.Answers.Last.Locator(".answer")).ToHaveTextAsync("More of cows.");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Edit_Answer_IsWhatTheModelReadsNext()
    {
        using PromptRecorder model = Scripts.Of("Cows bark.", "Yes.");
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.AskAsync("What do cows do?");

        await OpenPage.Button(page.Answers, "Edit").ClickAsync();
        await page.Answers.Locator("textarea").FillAsync("Cows moo.");
        await OpenPage.Button(page.Answers, "Save as a branch").ClickAsync();
        await page.AskAsync("Sure?");

        Scripts.PromptOf(model, 1).Should().Contain("Cows moo.").And.NotContain("bark");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Press_ShiftEnter_BeginsANewLine()
    {
        using PromptRecorder model = Scripts.Of("Yes.");
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);

        await page.Message.FillAsync("First line");
        await page.Message.PressAsync("Shift+Enter");
        await page.Message.PressSequentiallyAsync("second line");
        await Expect(page.Answers).ToHaveCountAsync(0);
        await page.Message.PressAsync("Enter");
        await page.DoneAsync();

        Scripts.PromptOf(model, 0).Should().Contain("First line\nsecond line");
    }

    [BrowserFact]
    public async Task Send_WithSettings_TheyReachTheModel()
    {
        using PromptRecorder model = Scripts.Of("Yes, that is so.");
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);

        await page.SetAsync(
            ("system", "Answer like a sailor."), ("temperature", "1.5"), ("topP", "0.25"), ("maxTokens", "2"), ("seed", "42"), ("frequencyPenalty", "-1"),
            ("presencePenalty", "1,5"), ("stop", "END\nSTOP"));
        await page.AskAsync("Well?");

        GenerationOptions options = model.Options.Single();
        (options.Temperature, options.TopP, options.MaxTokens, options.Seed, options.FrequencyPenalty, options.PresencePenalty).Should().Be((1.5f, 0.25f, 2, 42UL, -1f, 1.5f));
        options.StopSequences.Should().Equal("END", "STOP");
        Scripts.PromptOf(model, 0).Should().Contain("Answer like a sailor.");
        await Expect(page.Answers.Locator(".finish-note")).ToContainTextAsync("limit of tokens");
        await Expect(page.Page.Locator(".chip")).ToHaveTextAsync("System prompt");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Continue_AnswerThatWasCutOff_GoesOn()
    {
        using PromptRecorder model = Scripts.Of("The cow", " says moo.");
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.SetAsync(("maxTokens", "1"));
        await page.AskAsync("What does a cow say?");
        string begin = await page.Answers.Locator(".answer").InnerTextAsync();
        await page.SetAsync(("maxTokens", ""));

        await OpenPage.Button(page.Answers, "Continue").ClickAsync();
        await page.DoneAsync();

        await Expect(page.Answers).ToHaveCountAsync(1);
        (await page.Answers.Locator(".answer").InnerTextAsync()).Should().StartWith(begin).And.EndWith("says moo.");
        Scripts.PromptOf(model, 1).Should().EndWith(begin);
    }

    [BrowserFact]
    public async Task Set_ValueThatIsNotValid_IsKeptAndNothingIsSentBeforeItIsCorrected()
    {
        using PromptRecorder model = Scripts.Of("Yes.");
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);

        await page.Page.Locator("#open-settings").ClickAsync();
        await Expect(page.Page.Locator("#temperature")).ToHaveAttributeAsync("placeholder", "default: 0.8");
        await page.Page.Locator("#temperature").FillAsync("3");
        await Expect(page.Page.Locator("#temperature")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.Page.Locator("#temperature-fault")).ToHaveTextAsync("Enter a number from 0 to 2.");
        await page.Page.Locator("#schema").FillAsync("{");
        await Expect(page.Page.Locator("#schema-fault")).ToContainTextAsync("This is not valid JSON");
        await page.Page.Locator("#use-for-new").ClickAsync();
        await Expect(page.Page.Locator("#used-for-new")).ToContainTextAsync("First correct the settings");
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Page.Locator(".chip.invalid")).ToHaveTextAsync(["Not valid: Temperature", "Not valid: JSON schema"]);
        await page.SendAsync("Well?");

        await Expect(page.Page.Locator("#temperature")).ToBeFocusedAsync();
        await Expect(page.Page.Locator("#temperature")).ToHaveValueAsync("3");
        await Expect(page.Page.Locator("#temperature-fault")).ToHaveTextAsync("Enter a number from 0 to 2.");
        await Expect(page.Page.Locator("#schema")).ToHaveValueAsync("{");
        model.Options.Should().BeEmpty();
        await page.Page.Locator("#temperature").FillAsync("1.5");
        await page.Page.Locator("#schema").FillAsync("");
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Page.Locator(".chip")).ToHaveCountAsync(0);
        await Expect(page.Message).ToHaveValueAsync("Well?");
        await page.Message.PressAsync("Enter");
        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("Yes.");

        await Expect(page.Message).ToHaveValueAsync("");
        model.Options.Single().Temperature.Should().Be(1.5f);
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Set_ValueThatIsNotValid_StaysWithItsConversationAndNoAnswerBegins()
    {
        using PromptRecorder model = Scripts.Of("Yes.");
        await using PageServer server = await PageServer.StartAsync(model);
        await using OpenPage page = await browser.OpenAsync(server);
        await page.AskAsync("Well?");
        await page.SetAsync(("topP", "7"));

        await page.Page.Locator("#new-conversation").ClickAsync();
        await Expect(page.Page.Locator(".chip")).ToHaveCountAsync(0);
        await page.Conversations.ClickAsync();
        await Expect(page.Page.Locator(".chip.invalid")).ToHaveTextAsync(["Not valid: Top-p"]);
        await OpenPage.Button(page.Answers, "Answer again").ClickAsync();

        await Expect(page.Page.Locator("#topP")).ToBeFocusedAsync();
        await Expect(page.Page.Locator("#topP")).ToHaveValueAsync("7");
        model.Options.Should().ContainSingle();
        await Expect(page.Answers).ToHaveCountAsync(1);
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Choose_OtherModel_Answers()
    {
        await using PageServer server = await PageServer.StartAsync(services =>
        {
            services.AddKeyedSingleton<ILlamaModel>("reader", Scripts.Of("I read."));
            services.AddKeyedSingleton<ILlamaModel>("writer", Scripts.Of("I write."));
            services.AddLlama("reader", "one.gguf");
            services.AddLlama("writer", "two.gguf");
        });
        await using OpenPage page = await browser.OpenAsync(server);

        await page.Page.Locator("#model").SelectOptionAsync("writer");
        await Expect(page.Page.Locator(".greeting-about strong")).ToHaveTextAsync("writer");
        await page.AskAsync("What do you do?");

        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("I write.");
        page.Faults.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task Open_UnderAPrefix_Works()
    {
        await using PageServer server = await PageServer.StartAsync(Scripts.Of("Moo."), prefix: "/some/llama");
        await using OpenPage page = await browser.OpenAsync(server);

        await page.AskAsync("What does a cow say?");

        await Expect(page.Answers.Locator(".answer")).ToHaveTextAsync("Moo.");
        page.Faults.Should().BeEmpty();
    }
}
