using System.Globalization;
using System.Resources;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Messages;

/// <summary>Anchor of the message templates: <c>name.sms</c>, <c>name.subject</c>, <c>name.email</c>, one file a language.</summary>
internal sealed class MessageText;

/// <summary>Renders templates in the language of the person.</summary>
internal sealed class MessageTexts(IOptions<SiteOptions> site)
{
    private static readonly ResourceManager Templates = new(typeof(MessageText));

    /// <exception cref="InvalidOperationException">There is no such template: a mistake in the program.</exception>
    public (string? Subject, string Body) Render(string template, MessageChannel channel, MessageContent content)
    {
        var culture = CultureInfo.GetCultureInfo(content.Language);
        object[] arguments = [site.Value.Name, .. content.Arguments];
        return channel switch
        {
            MessageChannel.Sms =>
                (null, TypedWords.Without(Format(template + ".sms", culture, arguments)) + NotMe(content, culture, " ", ".sms")),
            MessageChannel.Voice => (null, TypedWords.Without(Format(template + ".voice", culture, arguments))),
            _ =>
                (TypedWords.Without(Format(template + ".subject", culture, arguments)),
                    TypedWords.Quoted(Format(template + ".email", culture, arguments), culture)
                    + NotMe(content, culture, "\n\n", ".email")),
        };
    }

    /// <summary>What a template of notices is about, in a few words.</summary>
    public static string SubjectOf(string template, string language) =>
        Format(template + ".subject", CultureInfo.GetCultureInfo(language), []);

    /// <summary>How to say that it was somebody else: by a link, or by a code where messages may hold none.</summary>
    private static string NotMe(MessageContent content, CultureInfo culture, string gap, string part) =>
        content.NotMe is not { } way
            ? string.Empty
            : gap + Format((way.StartsWith("http", StringComparison.Ordinal) ? "not-me-link" : "not-me-code") + part, culture, [way]);

    private static string Format(string name, CultureInfo culture, object[] arguments) =>
        string.Format(culture, Templates.GetString(name, culture)
            ?? throw new InvalidOperationException($"There is no message template {name}."), arguments);
}
