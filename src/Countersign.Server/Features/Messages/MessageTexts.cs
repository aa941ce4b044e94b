using System.Globalization;
using System.Resources;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messages;

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
            MessageChannel.Sms => (null, Format(template + ".sms", culture, arguments)),
            MessageChannel.Voice => (null, Format(template + ".voice", culture, arguments)),
            _ => (Format(template + ".subject", culture, arguments), Format(template + ".email", culture, arguments)),
        };
    }

    private static string Format(string name, CultureInfo culture, object[] arguments) =>
        string.Format(culture, Templates.GetString(name, culture) ?? throw new InvalidOperationException($"There is no message template {name}."), arguments);
}
